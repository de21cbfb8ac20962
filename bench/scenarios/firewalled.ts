import type { Scenario } from '../environment.ts';
import { hostScenario, silenceBound } from './lab-environment.ts';

/** Ports that people really leave open, from both ends of the range and from the ephemeral part of it. */
const OPEN = [22, 80, 443, 3306, 8080, 33_060, 50_000, 65_535];

const RTTS = [0, 50, 150];
const TIMINGS = ['T4', 'T5'] as const;

/** The usual host behind a firewall: a few ports answer, and all the others drop what comes. */
export const firewalled: readonly Scenario[] = RTTS.flatMap((rtt) =>
  TIMINGS.map((timing) =>
    hostScenario({
      name: `firewalled-${rtt}-${timing}`,
      title: `every port of a host, ${OPEN.length} open, the rest dropped, RTT ${rtt} ms, -${timing}`,
      bound: silenceBound(65_535 - OPEN.length, timing),
      wire: { rtt },
      ports: '1-65535',
      timing,
      open: OPEN,
      rest: 'filtered',
      arrange: (lab) => lab.silent(),
    }),
  ),
);
