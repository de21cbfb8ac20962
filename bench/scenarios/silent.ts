import { hostScenario, silenceBound } from './lab-environment.ts';

/** A host that is not there, or says nothing at all: no round-trip time to learn from, no answer to speed up on. */
export const silent = hostScenario({
  name: 'silent-T5',
  title: 'every port of a host that answers nothing, RTT 50 ms, -T5',
  bound: silenceBound(65_535, 'T5'),
  note:
    "nmap's window stays at 10 on a host that never answers. By its own arithmetic it needs 2 × 65,535 ÷ 10 × 0.25 s, " +
    'which is 55 minutes; -T5 gives the host up after 15 and then reports nothing of it. Here it is ended at the limit.',
  wire: { rtt: 50 },
  ports: '1-65535',
  timing: 'T5',
  open: [],
  rest: 'filtered',
  arrange: (lab) => lab.dead(),
});
