import { hostScenario, silenceBound } from './lab-stage.ts';

/** A host that is not there, or says nothing at all: no round-trip time to learn from, no answer to speed up on. */
export const silent = hostScenario({
  name: 'silent-T5',
  title: 'every port of a host that answers nothing, RTT 50 ms, -T5',
  bound: silenceBound(65_535, 'T5'),
  wire: { rtt: 50 },
  ports: '1-65535',
  timing: 'T5',
  open: [],
  rest: 'filtered',
  arrange: (lab) => lab.dead(),
});
