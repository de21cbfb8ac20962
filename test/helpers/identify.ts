import type { Finding } from '../../shared/domain/finding.ts';
import { type Address, epochMillis, millis, type PortNumber } from '../../shared/domain/units.ts';
import { makeSocketBudget } from '../../shared/engine/socket-budget.ts';
import { makeRateLimiter } from '../../shared/engine/target/rate-limiter.ts';
import { type IdentifyDeps, identifyServices } from '../../shared/identify/identify-services.ts';
import { nodeConnector } from '../../shared/net/node-connector.ts';
import { patientClock } from './patient-clock.ts';
import { QUIET_LOOPBACK } from './ports.ts';

/** An open port of this machine, as the sweep has just seen it. */
export const openFinding = (port: PortNumber): Finding => ({
  address: '127.0.0.1' as Address,
  protocol: 'tcp',
  port,
  state: 'open',
  reason: 'syn-ack',
  service: { name: 'unavailable', method: 'table' },
  seenAt: epochMillis(1_795_348_800_000),
  rtt: millis(0.2),
  attempt: 1,
});

/** The second pass, over real sockets, over these ports of this machine, or these findings of any. */
export async function identifyPorts(
  ports: readonly (PortNumber | Finding)[],
  over: Partial<IdentifyDeps> = {},
): Promise<{ readonly findings: readonly Finding[]; readonly ending: 'done' | 'cut-short' }> {
  const findings: Finding[] = [];
  const ending = await identifyServices(
    ports.map((each) => (typeof each === 'number' ? openFinding(each) : each)),
    {
      connector: nodeConnector,
      clock: patientClock(),
      budget: makeSocketBudget(100),
      rateLimiterOf: () => makeRateLimiter(null),
      nameOf: () => null,
      detect: 'services',
      signal: new AbortController().signal,
      deadline: null,
      onIdentified: (finding) => findings.push(finding),
      ...over,
    },
  );
  return { findings, ending };
}

/** The second pass over services of `openService`. */
export const identifyAt = (ports: readonly PortNumber[], over: Partial<IdentifyDeps> = {}) =>
  identifyPorts(
    ports.map((port) => ({ ...openFinding(port), address: QUIET_LOOPBACK as Address })),
    over,
  );
