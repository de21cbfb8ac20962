import { bigEndian, bytesOfHex } from '../../domain/bytes.ts';
import { type DatagramMatcher, type Match, type Matcher, SURE } from './kit/matcher.ts';
import { nullCall } from './kit/onc-rpc.ts';
import type { Payload } from './kit/payload.ts';

export const nfsPayload: Payload = {
  protocol: 'NFS',
  ports: [2049],
  source: 'RFC 5531 section 9, RFC 1813 section 3.3.0',
  asks: 'procedure 0 of version 3',
  bytes: nullCall(100_003, 3),
};

/** Over TCP a record mark goes before (RFC 5531 section 11). */
const NULL_CALL = '80000028 70666c31 00000000 00000002 000186a3 00000003 00000000 00000000 00000000 00000000 00000000';

/** Accepted: done (0), or not in this version (2), which only a server of this program says. */
function reply(bytes: Uint8Array): Match | null {
  const [id, direction, accepted, , , status] = [0, 4, 8, 12, 16, 20].map((at) => bigEndian(bytes, at, 4));
  if (id !== 0x70666c31 || direction !== 1 || accepted !== 0) return null;
  if (status === 0) return { name: 'nfs', info: 'version 3', confidence: SURE };
  if (status !== 2) return null;
  const [first, last] = [bigEndian(bytes, 24, 4), bigEndian(bytes, 28, 4)];
  return { name: 'nfs', info: first === last ? `version ${last}` : `versions ${first} to ${last}`, confidence: SURE };
}

export const nfs: Matcher = {
  name: 'nfs',
  source: 'RFC 5531, sections 9 and 11; RFC 1813, section 3.3.0',
  ports: [2049],
  tlsPorts: [],
  question: { name: 'nfs', bytes: () => bytesOfHex(NULL_CALL) },
  match: ({ bytes, asked }) => (asked === 'nfs' && (bytes[0] ?? 0) >= 0x80 ? reply(bytes.subarray(4)) : null),
};

export const nfsAnswer: DatagramMatcher = { name: 'nfs', ports: [2049], match: ({ bytes }) => reply(bytes) };
