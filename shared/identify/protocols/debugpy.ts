import { LIKELY } from './kit/matcher.ts';
import { textQuestion, wordsMatcher } from './kit/words.ts';

/** The first request of the Debug Adapter Protocol; nothing is launched and nothing is attached to. */
const BODY = '{"seq":1,"type":"request","command":"initialize","arguments":{"adapterID":"portfleet"}}';
const QUESTION = textQuestion('debugpy', `Content-Length: ${BODY.length}\r\n\r\n${BODY}`);

/** Whoever reaches it runs code in that process. */
export const debugpy = wordsMatcher({
  name: 'debugpy',
  source: 'Debug Adapter Protocol, base protocol and Initialize Request',
  ports: [5678],
  question: QUESTION,
  words: [
    {
      after: 'any',
      pattern: /^Content-Length: \d{1,6}\r\n\r\n\{[\s\S]{0,1500}"packageVersion": ?"(?<version>\d[\w.+]{0,20})/,
      is: { product: 'debugpy', info: 'runs code for whoever connects' },
    },
    {
      after: 'any',
      pattern: /^Content-Length: \d{1,6}\r\n\r\n\{[\s\S]{0,300}"debugpy/,
      is: { product: 'debugpy', info: 'runs code for whoever connects' },
    },
    {
      after: 'any',
      pattern: /^Content-Length: \d{1,6}\r\n\r\n\{[\s\S]{0,200}"type": ?"(?:event|response)"/,
      is: { confidence: LIKELY },
    },
  ],
});
