import { bytes, u16, u32 } from './kit/bytes.ts';
import type { Payload } from './kit/payload.ts';

const FULL_FRAME = 0x8000;
const IAX_CONTROL = 6;
const POKE = 0x1e;

export const iax2Payload: Payload = {
  protocol: 'IAX2',
  ports: [4569],
  source: 'RFC 5456 sections 6.7.1 and 8.1.1',
  asks: 'whether it is there (POKE)',
  // call 1 to call 0, time 0, nothing sent or received before
  bytes: bytes(u16(FULL_FRAME + 1), u16(0), u32(0), [0, 0, IAX_CONTROL, POKE]),
};
