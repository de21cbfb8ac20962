import type { Finding } from '../domain/finding.ts';
import { serviceName } from '../domain/registry/services.ts';
import type { Scan } from '../domain/scan.ts';

/** Makes what is kept of an open port, with the reply of a UDP service. */
export type FindingOf = (seen: Omit<Finding, 'service'>, reply: Uint8Array | null) => Finding;

const tableFinding = (seen: Omit<Finding, 'service'>): Finding => ({
  ...seen,
  service: { name: serviceName(seen.protocol, seen.port), method: 'table' },
});

/**
 * How open ports of the scan are kept: with the name of their numbers, or, where it wants services, those of UDP with what
 * their replies to our payloads say they are. The matchers are loaded only then: most scans never need them.
 */
export async function findingsOf({ plan }: Scan): Promise<FindingOf> {
  if (plan.detect === 'none') return tableFinding;
  const { identifyReply } = await import('../identify/identify-reply.ts');
  return (seen, reply) => (reply === null ? tableFinding(seen) : identifyReply(tableFinding(seen), reply));
}
