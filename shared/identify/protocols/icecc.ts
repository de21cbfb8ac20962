import { wordsMatcher } from './kit/words.ts';

/** The console of Icecream's scheduler, which whoever connects may command. */
export const icecc = wordsMatcher({
  name: 'icecc-scheduler',
  source: 'icecream scheduler/scheduler.cpp: the greeting of the telnet interface',
  ports: [8766],
  words: [{ after: null, pattern: /^200-ICECC (?<version>\d[\w.]{0,20}): /, is: { product: 'Icecream scheduler' } }],
});
