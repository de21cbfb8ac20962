import { bytes, PORTFLEET_ID, zeros } from './kit/bytes.ts';
import type { Payload } from './kit/payload.ts';

/** The sixteen bytes by which RakNet knows its packets that belong to no connection. */
const OFFLINE_MESSAGE = [0, 0xff, 0xff, 0, 0xfe, 0xfe, 0xfe, 0xfe, 0xfd, 0xfd, 0xfd, 0xfd, 0x12, 0x34, 0x56, 0x78];

export const raknetPayload: Payload = {
  protocol: 'RakNet',
  ports: [19_132],
  source: 'RakNet manual, "Ping"; Minecraft protocol wiki, "Unconnected Ping"',
  asks: 'what is played (unconnected ping)',
  bytes: bytes([1], zeros(8), OFFLINE_MESSAGE, PORTFLEET_ID),
};
