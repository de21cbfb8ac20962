import { ascii, bytes } from './kit/bytes.ts';
import type { Payload } from './kit/payload.ts';

export const quake3Payload: Payload = {
  protocol: 'Quake III Arena',
  ports: [27_960, 28_960],
  source: 'dpmaster technical information, getstatus',
  asks: 'its status',
  bytes: bytes([0xff, 0xff, 0xff, 0xff], ascii('getstatus\n')),
};
