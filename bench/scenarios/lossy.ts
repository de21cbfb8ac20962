import type { Scenario } from '../environment.ts';
import { hostScenario, spread } from './lab-environment.ts';

const PORTS = 1000;
const OPEN = spread(200, 1, PORTS);

const CASES = [
  { loss: 5, timing: 'T4' },
  { loss: 5, timing: 'T5' },
  { loss: 10, timing: 'T4' },
] as const;

/** Packets are lost at random, each way on its own: of a probe and its answer, 1 − (1 − loss)² of the pairs fail. */
export const lossy: readonly Scenario[] = CASES.map(({ loss, timing }) =>
  hostScenario({
    name: `loss-${loss}-${timing}`,
    title: `${PORTS} ports, ${OPEN.length} open, the rest closed, ${loss} % loss each way, RTT 50 ms, -${timing}`,
    bound: 'round trips: a probe that is lost costs a timeout before the next, and the unluckiest port needs several',
    wire: { rtt: 50, loss },
    ports: `1-${PORTS}`,
    timing,
    open: OPEN,
    rest: 'closed',
    arrange: async () => undefined,
  }),
);
