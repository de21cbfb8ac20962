import type { Scenario } from '../environment.ts';
import { hostScenario, silenceBound } from './lab-environment.ts';

const OPEN = [22, 80, 443, 3306, 8080, 33_060, 50_000, 65_535];
const WHAT = `every port of a host, ${OPEN.length} open, the rest rejected with ICMP`;

/** A firewall that says no. Told as fast as it is probed, or as rarely as a Linux host tells one peer: once a second. */
export const rejecting: readonly Scenario[] = [
  hostScenario({
    name: 'rejecting',
    title: `${WHAT} admin-prohibited, RTT 50 ms, -T4`,
    bound:
      'one attempt at each port at 20,000 a second: 3.3 s; the kernel needs about as long, see the kernel baseline',
    wire: { rtt: 50 },
    ports: '1-65535',
    timing: 'T4',
    open: OPEN,
    rest: 'filtered',
    arrange: (lab) => lab.reject('admin-prohibited'),
  }),
  hostScenario({
    name: 'rejecting-rarely',
    title: `${WHAT} at Linux's rate (1/s), RTT 50 ms, -T4`,
    bound: silenceBound(65_535 - OPEN.length, 'T4'),
    wire: { rtt: 50 },
    ports: '1-65535',
    timing: 'T4',
    open: OPEN,
    rest: 'filtered',
    async arrange(lab) {
      await lab.limitIcmp();
      await lab.reject('admin-prohibited');
    },
  }),
];
