import { latin1 } from '../domain/bytes.ts';
import type { Finding } from '../domain/finding.ts';
import { MOST_HEARD } from './exchange.ts';
import { matchDatagram } from './protocols/all.ts';
import { serviceOf, unknownService } from './service-of.ts';

/** What an open UDP port is, by what it replied to the payload that found it: nothing more is sent. */
export function identifyReply(finding: Finding, reply: Uint8Array): Finding {
  const heard = reply.subarray(0, MOST_HEARD);
  const match = matchDatagram(heard, finding.port);
  const service = match === null ? unknownService(finding.service, heard, 'payload') : serviceOf(match);
  return { ...finding, service, banner: latin1(heard) };
}
