import type { Scenario } from '../environment.ts';
import { hostScenario, spread } from './lab-environment.ts';

const PORTS = 2000;
const OPEN = spread(50, 1, PORTS);
/** BSD's net.inet.icmp.icmplim. At this rate the closed ports of the scenario take 10 s to be told. */
const RESETS = 200;
/** A firewall against SYN floods. At this rate the ports of the scenario take 4 s to be probed once. */
const SYNS = 500;

/** Hosts that answer less when they are probed faster. What they drop is not filtered, and may be open. */
export const rateLimited: readonly Scenario[] = [
  hostScenario({
    name: 'resets-limited',
    title: `${PORTS} ports, ${OPEN.length} open, the rest closed but ${RESETS} resets a second, RTT 20 ms, -T4`,
    bound: `${PORTS - OPEN.length} resets at ${RESETS} a second: ${((PORTS - OPEN.length) / RESETS).toFixed(1)} s until every closed port has been told`,
    wire: { rtt: 20 },
    ports: `1-${PORTS}`,
    timing: 'T4',
    open: OPEN,
    rest: 'closed',
    arrange: (lab) => lab.limitAnswers({ resets: RESETS }),
  }),
  hostScenario({
    name: 'syns-limited',
    title: `${PORTS} ports, ${OPEN.length} open, the rest closed, only ${SYNS} SYNs a second let in, RTT 20 ms, -T4`,
    bound: `${PORTS} SYNs at ${SYNS} a second: ${(PORTS / SYNS).toFixed(1)} s until every port has been heard once`,
    wire: { rtt: 20 },
    ports: `1-${PORTS}`,
    timing: 'T4',
    open: OPEN,
    rest: 'closed',
    arrange: (lab) => lab.limitAnswers({ syns: SYNS }),
  }),
];
