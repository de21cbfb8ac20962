import { bigEndian, latin1 } from '../../../domain/bytes.ts';
import { ascii, bytes, counted, u8, u32, zeros } from './bytes.ts';

/** Message numbers (RFC 4250 section 4.1.2, RFC 5656 section 7.1). */
const KEXINIT = 20;
const KEX_ECDH_INIT = 30;
const KEX_ECDH_REPLY = 31;

/** What both sides say of themselves before keys are exchanged (RFC 4253 section 7.1). */
export interface KexInit {
  readonly keyExchange: readonly string[];
  readonly hostKeyAlgorithms: readonly string[];
  /** From client to server. */
  readonly ciphers: readonly string[];
  readonly macs: readonly string[];
}

/** A packet without encryption: its length, that of its padding, the payload, and padding up to a multiple of eight. */
function packet(payload: Uint8Array): Uint8Array {
  const short = (payload.length + 5) % 8;
  // At least four bytes of padding (RFC 4253 section 6).
  const padding = short > 4 ? 16 - short : 8 - short;
  return bytes(u32(1 + payload.length + padding), u8(padding), payload, zeros(padding));
}

/** The payloads of the whole packets behind a server's identification, or of bytes without one. */
function payloadsIn(heard: Uint8Array): Uint8Array[] {
  const payloads: Uint8Array[] = [];
  const identification = /(?:^|\n)SSH-[^\n]*\n/.exec(latin1(heard));
  let at = identification === null ? 0 : identification.index + identification[0].length;
  for (;;) {
    const [length, padding] = [bigEndian(heard, at, 4), bigEndian(heard, at + 4, 1)];
    if (length === undefined || padding === undefined || length <= padding + 1 || at + 4 + length > heard.length) {
      return payloads;
    }
    payloads.push(heard.subarray(at + 5, at + 4 + length - padding));
    at += 4 + length;
  }
}

/** The string at `at`: its length in four bytes, then the bytes. Undefined where they end before it. */
function stringAt(payload: Uint8Array, at: number): Uint8Array | undefined {
  const length = bigEndian(payload, at, 4);
  return length === undefined || at + 4 + length > payload.length
    ? undefined
    : payload.subarray(at + 4, at + 4 + length);
}

/** Ten lists of names, with commas between them, behind a cookie of 16 bytes. Undefined where there is no whole one. */
export function kexInitIn(heard: Uint8Array): KexInit | undefined {
  const payload = payloadsIn(heard).find(([message]) => message === KEXINIT);
  if (payload === undefined) return undefined;
  const lists: string[][] = [];
  let at = 1 + 16;
  for (let nth = 0; nth < 10; nth++) {
    const list = stringAt(payload, at);
    if (list === undefined) return undefined;
    const names = latin1(list);
    if (!/^[\x21-\x7e]*$/.test(names)) return undefined;
    lists.push(names === '' ? [] : names.split(','));
    at += 4 + list.length;
  }
  const [keyExchange = [], hostKeyAlgorithms = [], ciphers = [], , macs = []] = lists;
  return { keyExchange, hostKeyAlgorithms, ciphers, macs };
}

const nameList = (names: readonly string[]): Uint8Array => counted(u32, ascii(names.join(',')));

/** Our side of it. The cookie is all zeros: no secret comes of this exchange, which ends with the server's key. */
function kexInit({ keyExchange, hostKeyAlgorithms, ciphers, macs }: KexInit): Uint8Array {
  const [cipher, mac, plain, none] = [nameList(ciphers), nameList(macs), nameList(['none']), nameList([])];
  const algorithms = [nameList(keyExchange), nameList(hostKeyAlgorithms), cipher, cipher, mac, mac, plain, plain];
  // Two lists of languages, no guessed packet behind, and a field for extensions.
  return packet(bytes(u8(KEXINIT), zeros(16), ...algorithms, none, none, u8(0), zeros(4)));
}

/** The base point of Curve25519 as our public key: valid, and its secret (1) is nobody's to guard (RFC 7748 section 4.1). */
const CURVE25519_POINT = bytes(u8(9), zeros(31));

/** Key exchanges that begin with 32 bytes (RFC 8731). */
const CURVE25519: readonly string[] = ['curve25519-sha256', 'curve25519-sha256@libssh.org'];

/** Kinds of host keys and the algorithms that sign with them, the usual first (RFC 8709, 5656, 8332 and 4253). */
const HOST_KEYS: readonly (readonly string[])[] = [
  ['ssh-ed25519'],
  ['ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'],
  ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'],
];

/**
 * The exchange that makes a server with these algorithms show its host keys: the server takes the first of our list, and
 * what is still to be asked stands behind it. Undefined where server and we have none in common.
 */
export function keyExchangeWith(server: KexInit): KexInit | undefined {
  const first = (ours: readonly string[], theirs: readonly string[]): string[] =>
    ours.filter((name) => theirs.includes(name)).slice(0, 1);
  const keyExchange = first(CURVE25519, server.keyExchange);
  const hostKeyAlgorithms = HOST_KEYS.flatMap((kind) => first(kind, server.hostKeyAlgorithms));
  const [ciphers, macs] = [server.ciphers.slice(0, 1), server.macs.slice(0, 1)];
  const isShared = keyExchange.length > 0 && hostKeyAlgorithms.length > 0;
  return isShared ? { keyExchange, hostKeyAlgorithms, ciphers, macs } : undefined;
}

/** The exchange after one that showed the first key; undefined after the last. */
export const nextExchange = ({ hostKeyAlgorithms: [, ...left], ...rest }: KexInit): KexInit | undefined =>
  left.length === 0 ? undefined : { ...rest, hostKeyAlgorithms: left };

/** Our algorithms and our public key in one go: the server reads one after the other. */
export const beginKeyExchange = (ours: KexInit): Uint8Array =>
  bytes(kexInit(ours), packet(bytes(u8(KEX_ECDH_INIT), counted(u32, CURVE25519_POINT))));

/** The host key that the server signs the exchange with, as it stands in the answer (RFC 5656 section 4). */
export function hostKeyIn(heard: Uint8Array): Uint8Array | undefined {
  const reply = payloadsIn(heard).find(([message]) => message === KEX_ECDH_REPLY);
  return reply === undefined ? undefined : stringAt(reply, 1);
}

/** The kind and size of a host key: "ssh-rsa" with its modulus, "ecdsa-sha2-…" with its curve, "ssh-ed25519". */
export function hostKeyKind(key: Uint8Array): { readonly type: string; readonly bits: number | null } {
  const name = stringAt(key, 0) ?? new Uint8Array();
  const type = latin1(name)
    .replace(/[^\x21-\x7e]/g, '?')
    .slice(0, 64);
  if (type === 'ssh-rsa') {
    const exponent = stringAt(key, 4 + name.length);
    const modulus = exponent && stringAt(key, 8 + name.length + exponent.length);
    return { type, bits: modulus === undefined ? null : bitLength(modulus) };
  }
  const curve = /^(?:ecdsa-sha2-nistp(\d{3})|ssh-ed25519)$/.exec(type);
  return { type, bits: curve === null ? null : Number(curve[1] ?? 256) };
}

/** Of a number in bytes, most significant first, possibly behind a zero (RFC 4251 section 5). */
function bitLength(number: Uint8Array): number {
  const first = number.findIndex((byte) => byte !== 0);
  return first === -1 ? 0 : (number.length - first) * 8 - (Math.clz32(number[first] ?? 0) - 24);
}
