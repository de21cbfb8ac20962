import { bigEndian, bytesOfHex } from '../../domain/bytes.ts';
import { type Matcher, SURE } from './kit/matcher.ts';

/** Fields of an ErrorResponse: a letter, a text and NUL each. */
const FIELDS = /([A-Za-z])([^\0]{0,300})\0/g;

/** A start-up packet names at least two fields, severity and SQLSTATE. */
const SQLSTATE = /^[0-9A-Z]{5}$/;

export const postgresql: Matcher = {
  name: 'postgresql',
  source: 'PostgreSQL frontend/backend protocol, StartupMessage, ErrorResponse and SSLRequest',
  ports: [5432, 5433, 6432, 26_257],
  tlsPorts: [],
  // A start-up message of protocol 9.0, which no server has: it answers with an error before it asks who we are.
  question: { name: 'postgresql', bytes: () => bytesOfHex('00 00 00 08 00 09 00 00') },
  startTls: [{ say: '\0\0\0\x08\x04\xd2\x16\x2f', ready: /^S/ }],
  match({ bytes, text, asked }) {
    if (asked !== 'postgresql' || text[0] !== 'E') return null;
    const length = bigEndian(bytes, 1, 4) ?? 0;
    const fields = new Map([...text.slice(5, 1 + length).matchAll(FIELDS)].map(([, key, value]) => [key, value]));
    if (!SQLSTATE.test(fields.get('C') ?? '')) return null;
    return { name: 'postgresql', product: productOf(text, fields), info: fields.get('M'), confidence: SURE };
  },
};

/** Only PostgreSQL itself names the file and the function of its own source where the error was raised. */
function productOf(text: string, fields: ReadonlyMap<string | undefined, string | undefined>): string | undefined {
  if (fields.get('R') === 'ProcessStartupPacket') return 'PostgreSQL';
  return /cockroach/i.test(text) ? 'CockroachDB' : undefined;
}
