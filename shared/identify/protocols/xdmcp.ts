import { bytes, u16 } from './kit/bytes.ts';
import { type DatagramMatcher, SURE } from './kit/matcher.ts';
import type { Payload } from './kit/payload.ts';

export const xdmcpPayload: Payload = {
  protocol: 'XDMCP',
  ports: [177],
  source: 'X Display Manager Control Protocol 1.1 section 5, Query',
  asks: 'whether it manages displays',
  // version 1, Query, one byte follows: no authentication names
  bytes: bytes(u16(1), u16(2), u16(1), [0]),
};

/** Version 1, Willing (5) or Unwilling (6): the name of the host is the second text of the one, the first of the other. */
export const xdmcpAnswer: DatagramMatcher = {
  name: 'xdmcp',
  ports: [177],
  match({ text }) {
    const [found, kind] = /^\0\x01\0([\x05\x06])/.exec(text) ?? [];
    if (found === undefined) return null;
    return { name: 'xdmcp', info: kind === '\x05' ? 'willing to manage' : 'unwilling', confidence: SURE };
  },
};
