import { bigEndian } from '../../domain/bytes.ts';
import { bytes, u16, u32 } from './kit/bytes.ts';
import { type DatagramMatcher, SURE } from './kit/matcher.ts';
import type { Payload } from './kit/payload.ts';

/** A device may be asked by the highest instance when its own is not known (clause 15.5). */
const ANY_DEVICE = (8 << 22) + 4_194_303;
const OBJECT_IDENTIFIER = 75;

/** Network layer: version 1, an answer is expected. Then ReadProperty, confirmed, answers up to 1,476 bytes. */
const request = bytes([1, 4], [0, 5, 1, 12], [0x0c], u32(ANY_DEVICE), [0x19, OBJECT_IDENTIFIER]);

export const bacnetPayload: Payload = {
  protocol: 'BACnet/IP',
  ports: [47_808],
  source: 'ANSI/ASHRAE 135 clauses 15.5 and 20.1, annex J',
  asks: 'which device it is',
  // original unicast, whole length
  bytes: bytes([0x81, 0x0a], u16(request.length + 4), request),
};

/** BVLC, unicast, and in it a complex acknowledgement of ReadProperty with the number of the device, or an error. */
export const bacnetAnswer: DatagramMatcher = {
  name: 'bacnet',
  ports: [47_808],
  match({ bytes, text }) {
    if (!/^\x81\x0a\0/.test(text)) return null;
    const at = text.indexOf('\xc4', 10);
    const object = at === -1 ? undefined : bigEndian(bytes, at + 1, 4);
    const info = object === undefined ? undefined : `device ${object & 0x3fffff}`;
    return { name: 'bacnet', info, deviceType: 'specialized', confidence: SURE };
  },
};
