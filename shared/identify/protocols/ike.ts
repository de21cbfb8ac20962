import { bytes, PORTFLEET_ID, u16, u32, zeros } from './kit/bytes.ts';
import { type DatagramMatcher, SURE } from './kit/matcher.ts';
import type { Payload } from './kit/payload.ts';

/** Payloads, proposals and transforms all begin alike: what follows, a zero byte, their whole length. */
const part = (next: number, content: Uint8Array): Uint8Array => bytes([next, 0], u16(content.length + 4), content);

const message = (first: number, version: number, exchange: number, flags: number, content: Uint8Array): Uint8Array =>
  bytes(PORTFLEET_ID, zeros(8), [first, version, exchange, flags], u32(0), u32(content.length + 28), content);

/** Kind and number of each transform (RFC 7296 section 3.3.2); AES has its key length as an attribute. */
const KEY_LENGTH_256 = bytes(u16(0x800e), u16(256));
const KEY_LENGTH_128 = bytes(u16(0x800e), u16(128));
const TRANSFORMS: readonly (readonly [kind: number, id: number, attribute?: Uint8Array])[] = [
  // encryption: AES-CBC, 3DES
  [1, 12, KEY_LENGTH_256],
  [1, 12, KEY_LENGTH_128],
  [1, 3],
  // pseudo-random function: HMAC of SHA-256, of SHA-1
  [2, 5],
  [2, 2],
  // integrity: HMAC-SHA-256-128, HMAC-SHA-1-96
  [3, 12],
  [3, 2],
  // key exchange: Curve25519, NIST P-256, MODP 2048 and 1024
  [4, 31],
  [4, 19],
  [4, 14],
  [4, 2],
];

const transforms = bytes(
  ...TRANSFORMS.map(([kind, id, attribute = zeros(0)], index) =>
    part(index === TRANSFORMS.length - 1 ? 0 : 3, bytes([kind, 0], u16(id), attribute)),
  ),
);
const proposal = part(0, bytes([1, 1, 0, TRANSFORMS.length], transforms));
/** The base point of Curve25519, a public value like any other. */
const keyExchange = bytes(u16(31), u16(0), [9], zeros(31));
const nonce = bytes(PORTFLEET_ID, PORTFLEET_ID);

const ikeV2Message = message(33, 0x20, 34, 0x08, bytes(part(34, proposal), part(40, keyExchange), part(0, nonce)));

/** A gateway takes the proposal, or says which it would take, or that it takes none: each is an answer. */
export const ikeV2Payload: Payload = {
  protocol: 'IKE',
  ports: [500],
  source: 'RFC 7296 sections 1.2 and 3',
  asks: 'to begin version 2 (IKE_SA_INIT)',
  bytes: ikeV2Message,
};

/** Behind address translation, four zero bytes say that this is not ESP. */
export const ikeNatPayload: Payload = {
  protocol: 'IKE',
  ports: [4500],
  source: 'RFC 7296 sections 1.2 and 3, RFC 3948 section 2.2',
  asks: 'to begin version 2, through address translation',
  bytes: bytes(zeros(4), ikeV2Message),
};

/** Type and value of each attribute (RFC 2409 appendix A): cipher, key length, hash, pre-shared key, group, lifetime. */
const attributes = (...pairs: readonly (readonly [type: number, value: number])[]): Uint8Array =>
  bytes(...pairs.flatMap(([type, value]) => [u16(0x8000 + type), u16(value)]));
const AES_SHA = attributes([1, 7], [14, 256], [2, 2], [3, 1], [4, 14], [11, 1], [12, 28_800]);
const TRIPLE_DES_SHA = attributes([1, 5], [2, 2], [3, 1], [4, 2], [11, 1], [12, 28_800]);
const transformsV1 = bytes(part(3, bytes([1, 1, 0, 0], AES_SHA)), part(0, bytes([2, 1, 0, 0], TRIPLE_DES_SHA)));

export const ikeV1Payload: Payload = {
  protocol: 'IKE',
  ports: [500],
  source: 'RFC 2408 section 3, RFC 2409 section 5 and appendix A',
  asks: 'to begin version 1, main mode',
  bytes: message(1, 0x10, 2, 0, part(0, bytes(u32(1), u32(1), part(0, bytes([1, 1, 0, 2], transformsV1))))),
};

/** An answer has our number, and a version in its header; behind address translation four zero bytes go before. */
export const ikeAnswer: DatagramMatcher = {
  name: 'ike',
  ports: [500, 4500],
  match({ text }) {
    const [found, version] = /^(?:\0{4})?Portflt1[\s\S]{9}([\x10\x20])/.exec(text) ?? [];
    if (found === undefined) return null;
    return { name: 'ike', info: version === '\x10' ? 'version 1' : 'version 2', confidence: SURE };
  },
};
