import { LIKELY, type Matcher, SURE } from './kit/matcher.ts';
import { textQuestion } from './kit/words.ts';

/** CONNECTED is said to those who may enter without a name; an unknown command is answered to everybody. */
const QUESTION = textQuestion('stomp', 'PORTFLEET\naccept-version:1.2\n\n\0\n');

const isActiveMq = /org\.apache\.activemq|ActiveMQ/;

export const stomp: Matcher = {
  name: 'stomp',
  source: 'STOMP 1.2, sections "STOMP Frames" and ERROR',
  ports: [61_613],
  tlsPorts: [61_614, 61_612],
  question: QUESTION,
  match({ text, asked }) {
    const [found, kind] =
      asked === null ? [] : (/^(CONNECTED|ERROR)\r?\n(?:[\w.-]{1,40}:[^\n]{0,300}\n){1,10}/.exec(text) ?? []);
    if (found === undefined) return null;
    const server = /\nserver:([^\r\n/]{1,40})(?:\/(\d[\w.-]{0,20}))?/.exec(text);
    const product = server?.[1] ?? (isActiveMq.test(text) ? 'Apache ActiveMQ' : undefined);
    return {
      name: 'stomp',
      product: product === 'ActiveMQ' ? 'Apache ActiveMQ' : product,
      version: server?.[2],
      confidence: kind === 'ERROR' && product === undefined ? LIKELY : SURE,
    };
  },
};
