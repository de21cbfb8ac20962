import { bigEndian, bytesOfHex } from '../../domain/bytes.ts';
import { LIKELY, type Matcher, type Question, SURE } from './kit/matcher.ts';

/** Fields of an ErrorResponse: a letter, a text and NUL each. */
const FIELDS = /([A-Za-z])([^\0]{0,300})\0/g;

/** A start-up packet names at least two fields, severity and SQLSTATE. */
const SQLSTATE = /^[0-9A-Z]{5}$/;

/**
 * A well-formed start-up message of protocol 3.0 that names no user: PostgreSQL refuses it with an error that names its own
 * source, before it looks anybody up.
 */
const START_UP: Question = {
  name: 'postgresql-start',
  bytes: () => bytesOfHex('00 00 00 09 00 03 00 00 00'),
};

export const postgresql: Matcher = {
  name: 'postgresql',
  source: 'PostgreSQL frontend/backend protocol, StartupMessage, ErrorResponse and SSLRequest',
  ports: [5432, 5433, 6432, 26_257],
  tlsPorts: [],
  question: { name: 'postgresql', bytes: () => bytesOfHex('00 00 00 08 04 d2 16 2f') },
  startTls: [{ say: '\0\0\0\x08\x04\xd2\x16\x2f', ready: /^S/ }],
  match({ bytes, text, asked }) {
    // One letter: TLS is to be had (S), or not (N).
    if (asked === 'postgresql' && /^[NS]$/.test(text))
      return { name: 'postgresql', confidence: LIKELY, next: START_UP };
    // H2 lets everybody in, and asks for the password later (R, 3: in plain text).
    if (asked === START_UP.name && /^R\0\0\0\x08\0\0\0\x03/.test(text)) {
      return { name: 'postgresql', product: 'H2 database', confidence: SURE };
    }
    if (asked === null || text[0] !== 'E') return null;
    const length = bigEndian(bytes, 1, 4) ?? 0;
    const fields = new Map([...text.slice(5, 1 + length).matchAll(FIELDS)].map(([, key, value]) => [key, value]));
    if (!SQLSTATE.test(fields.get('C') ?? '')) return null;
    return { name: 'postgresql', product: productOf(text, fields), info: fields.get('M'), confidence: SURE };
  },
};

/** PostgreSQL names the function of its own source where the error was raised; pgpool the file, with its folder. */
function productOf(text: string, fields: ReadonlyMap<string | undefined, string | undefined>): string | undefined {
  if (fields.get('R') === 'ProcessStartupPacket') return 'PostgreSQL';
  if (/cockroach/i.test(text)) return 'CockroachDB';
  if (/^(?:protocol|auth|context|utils)\/\w+\.c$/.test(fields.get('F') ?? '')) return 'pgpool-II';
  // PgBouncer's errors have the class of connection failures, and no file.
  const isBouncer = /client sent partial pkt|bad packet header|no username supplied|pooler error|no such user/i.test(
    text,
  );
  return isBouncer ? 'PgBouncer' : undefined;
}
