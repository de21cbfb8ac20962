import { type Matcher, SURE } from './kit/matcher.ts';
import { textQuestion } from './kit/words.ts';

/** An echo of less proves nothing. */
const SHORTEST = 16;

export const echo: Matcher = {
  name: 'echo',
  source: 'RFC 862',
  ports: [7],
  tlsPorts: [],
  question: textQuestion('echo', 'portfleet: echo?\r\n'),
  match: ({ text, sent }) =>
    sent.length >= SHORTEST && text.length >= SHORTEST && sent.startsWith(text)
      ? { name: 'echo', confidence: SURE }
      : null,
};
