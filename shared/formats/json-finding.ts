import type { Finding } from '../domain/finding.ts';
import { isoTime } from './time.ts';
import { usualNameOf } from './usual-name.ts';

/** An open port as the JSON formats show it. */
export const jsonFinding = ({ protocol, port, state, reason, service, seenAt, rtt, attempt }: Finding) => ({
  protocol,
  port,
  state,
  reason,
  service: { name: service.name, method: service.method, usually: usualNameOf({ protocol, port }, service) },
  seenAt: isoTime(seenAt),
  rttMs: rtt,
  attempt,
});
