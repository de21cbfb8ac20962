import { ascii } from './kit/bytes.ts';
import type { Payload } from './kit/payload.ts';

export const bittorrentDhtPayload: Payload = {
  protocol: 'BitTorrent DHT',
  ports: [6881],
  source: 'BEP 5, "ping"',
  asks: 'whether it is there (ping)',
  bytes: ascii('d1:ad2:id20:portfleet-asks-alivee1:q4:ping1:t2:pf1:y1:qe'),
};
