import { bigEndian, bytesOfHex } from '../../domain/bytes.ts';
import { type DatagramMatcher, type Match, type Matcher, SURE } from './kit/matcher.ts';
import { nullCall } from './kit/onc-rpc.ts';
import type { Payload } from './kit/payload.ts';

export const rpcbindPayload: Payload = {
  protocol: 'rpcbind',
  ports: [111],
  source: 'RFC 5531 section 9, RFC 1833 section 3',
  asks: 'procedure 0 of the port mapper',
  bytes: nullCall(100_000, 2),
};

/** Over TCP a record mark goes before (section 11): the last fragment, of 40 bytes. */
const MARK = '80000028';

const NULL_CALL = '70666c31 00000000 00000002 000186a0 00000002 00000000 00000000 00000000 00000000 00000000';

/** Accepted (0), and done, or not for this program or version: whatever it is, it is a server of ONC RPC. */
const STATUS: Readonly<Record<number, string>> = { 0: 'rpcbind', 1: 'rpc', 2: 'rpcbind', 3: 'rpc', 4: 'rpc' };

/** A reply to our call: its number, REPLY, accepted, no verifier, the status. */
function reply(bytes: Uint8Array): Match | null {
  const words = [0, 4, 8, 12, 16, 20].map((at) => bigEndian(bytes, at, 4));
  const [id, direction, accepted, , length, status] = words;
  if (id !== 0x70666c31 || direction !== 1) return null;
  if (accepted !== 0) return { name: 'rpc', info: 'call denied', confidence: SURE };
  const name = length === 0 ? STATUS[status ?? -1] : undefined;
  if (name === undefined) return null;
  // Versions are told where ours is not among them (PROG_MISMATCH).
  const [low, high] = status === 2 ? [bigEndian(bytes, 24, 4), bigEndian(bytes, 28, 4)] : [];
  return { name, info: low === undefined ? undefined : `versions ${low} to ${high}`, confidence: SURE };
}

export const rpcbind: Matcher = {
  name: 'rpcbind',
  source: 'RFC 5531, sections 9 and 11; RFC 1833, section 3',
  ports: [111],
  tlsPorts: [],
  question: { name: 'rpcbind', bytes: () => bytesOfHex(`${MARK} ${NULL_CALL}`) },
  match: ({ bytes, asked }) => (asked === 'rpcbind' && (bytes[0] ?? 0) >= 0x80 ? reply(bytes.subarray(4)) : null),
};

export const rpcbindAnswer: DatagramMatcher = { name: 'rpcbind', ports: [111], match: ({ bytes }) => reply(bytes) };
