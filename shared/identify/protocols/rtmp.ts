import { concatBytes } from '../../domain/bytes.ts';
import { type Matcher, SURE } from './kit/matcher.ts';

/** Version 3, then 1,536 bytes: a time, zeros, and filling. The protocol has no shorter question. */
export const rtmp: Matcher = {
  name: 'rtmp',
  source: 'Adobe RTMP 1.0, section 5.2 (C0, C1, S0, S1)',
  ports: [1935],
  tlsPorts: [],
  question: { name: 'rtmp', bytes: () => concatBytes(Uint8Array.of(3), new Uint8Array(1_536)) },
  // S0 and S1 come back with filling of their own, or as we said them (nginx does so) with S2 behind: more than an echo has.
  match: ({ bytes, text, asked }) =>
    asked === 'rtmp' && bytes.length >= 1_537 && /^\x03(?:[\s\S]{8}(?!\0{64})|\0{1536}[\s\S]{8}\0{64})/.test(text)
      ? { name: 'rtmp', confidence: SURE }
      : null,
};
