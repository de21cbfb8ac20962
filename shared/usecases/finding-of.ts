import type { Finding } from '../domain/finding.ts';
import { serviceName } from '../domain/registry/services.ts';
import type { Scan } from '../domain/scan.ts';
import { identifyReply } from '../identify/identify-reply.ts';

/**
 * An open port as it is kept: with the name of its number, or, where the scan wants services and the port is one of UDP,
 * with what its reply to our payload says it is.
 */
export function findingOf(seen: Omit<Finding, 'service'>, reply: Uint8Array | null, { plan }: Scan): Finding {
  const finding: Finding = { ...seen, service: { name: serviceName(seen.protocol, seen.port), method: 'table' } };
  return reply === null || plan.detect === 'none' ? finding : identifyReply(finding, reply);
}
