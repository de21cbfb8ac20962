import { bytesOfLatin1 } from '../../domain/bytes.ts';
import { LIKELY, type Match, type Matcher, type Question, SURE } from './kit/matcher.ts';

const QUESTION: Question = { name: 'redis', bytes: () => bytesOfLatin1('INFO server\r\n') };

/** Lines of INFO that name a version, the most particular first: each fork keeps `redis_version` for old clients. */
const VERSIONS: readonly (readonly [product: string, line: RegExp])[] = [
  ['Valkey', /^valkey_version:([\w.]+)/m],
  ['Dragonfly', /^dragonfly_version:(?:df-v?)?([\w.]+)/m],
  ['KeyDB', /^keydb_version:([\w.]+)/m],
  ['Redis', /^redis_version:([\w.]+)/m],
];

/** What a server that will not talk to us says (RESP errors of Redis itself). */
const REFUSALS = /^-(NOAUTH [^\r\n]{0,80}|DENIED [^\r\n.]{0,80}|NOPERM [^\r\n]{0,80}|LOADING [^\r\n]{0,80})/;

/** To an HTTP request it says that GET wants another number of arguments. */
const GET_MISUSED = /^-ERR (?:wrong number of arguments for 'get' command|unknown command [`'"]?\/)/i;

export const redis: Matcher = {
  name: 'redis',
  source: 'Redis serialization protocol, INFO',
  ports: [6379, 6380, 26_379, 16_379],
  tlsPorts: [],
  question: QUESTION,
  match(heard) {
    if (GET_MISUSED.test(heard.text)) return { name: 'redis', confidence: LIKELY, next: QUESTION };
    return heard.asked === 'redis' ? informed(heard.text) : null;
  },
};

function informed(text: string): Match | null {
  if (text.startsWith('$')) {
    for (const [product, line] of VERSIONS) {
      const version = line.exec(text)?.[1];
      if (version === undefined) continue;
      const mode = /^redis_mode:(\w+)/m.exec(text)?.[1];
      return { name: 'redis', product, version, info: mode, confidence: SURE };
    }
  }
  const refusal = REFUSALS.exec(text)?.[1];
  return refusal === undefined ? null : { name: 'redis', info: refusal, confidence: SURE };
}
