import { setTimeout as delay } from 'node:timers/promises';
import type { Scenario } from '../environment.ts';
import type { Lab } from '../lab/lab.ts';
import { hostScenario, spread } from './lab-environment.ts';

const PORTS = 65_535;
const OPEN = spread(50, 1, PORTS);
/** Every scanner is in its middle then, whatever its rate. */
const AFTER_SYNS = 20_000;
/** Milliseconds between two looks at how far a scanner is. */
const LOOK_EVERY = 20;

/** A host that is not to be heard for a while: a Wi-Fi that roams, a route that flaps. What was silent then is no news. */
export const hiccups: readonly Scenario[] = [2, 5].map((seconds) =>
  hostScenario({
    name: `hiccup-${seconds}`,
    title: `every port of a host, ${OPEN.length} open, the rest closed; after ${AFTER_SYNS.toLocaleString('en')} SYNs it is silent for ${seconds} s, RTT 20 ms, -T4`,
    bound: `one attempt at each port at 20,000 a second: 3.3 s, and ${seconds} s in which nothing is heard`,
    wire: { rtt: 20 },
    ports: `1-${PORTS}`,
    timing: 'T4',
    open: OPEN,
    rest: 'closed',
    arrange: async () => {},
    meanwhile: (lab, isOver) => hiccup(lab, seconds * 1_000, isOver),
  }),
);

async function hiccup(lab: Lab, length: number, isOver: AbortSignal): Promise<void> {
  while (!isOver.aborted && (await lab.packets()).syns < AFTER_SYNS) await delay(LOOK_EVERY);
  if (isOver.aborted) return;
  await lab.dead();
  await delay(length, undefined, { signal: isOver }).catch(() => {});
  await lab.revive();
}
