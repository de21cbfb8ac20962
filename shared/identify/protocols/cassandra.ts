import { bigEndian, bytesOfHex } from '../../domain/bytes.ts';
import { type Matcher, type Question, SURE } from './kit/matcher.ts';

/** Version 4, no flags, stream 0, OPTIONS, empty; answered before any authentication. */
const QUESTION: Question = { name: 'cassandra', bytes: () => bytesOfHex('04 00 00 00 05 00 00 00 00') };

const ERROR = 0;
const SUPPORTED = 6;

/** A value of the string multimap: the option, a list of one or more, the length and text of the first. */
const option = (text: string, name: string): string | undefined =>
  new RegExp(`${name}\\0[\\x01-\\x0f]\\0[\\x01-\\x40]([\\x20-\\x7e]{1,64})`).exec(text)?.[1];

export const cassandra: Matcher = {
  name: 'cassandra',
  source: 'CQL binary protocol 4, sections 2, 4.1.3 and 4.2.4',
  ports: [9042],
  tlsPorts: [9142],
  question: QUESTION,
  match({ bytes, text, asked }) {
    const [version = 0, opcode] = [bigEndian(bytes, 0, 1), bigEndian(bytes, 4, 1)];
    if (version < 0x81 || version > 0x86) return null;
    // Any first byte that is no version of the protocol is answered so, the G of an HTTP request too.
    if (opcode === ERROR && /nvalid or unsupported protocol version/.test(text)) {
      return { name: 'cassandra', confidence: SURE, ...(asked !== 'cassandra' && { next: QUESTION }) };
    }
    const cql = option(text, 'CQL_VERSION');
    if (opcode !== SUPPORTED || cql === undefined) return null;
    const product = /SCYLLA_/.test(text) ? 'ScyllaDB' : undefined;
    return { name: 'cassandra', product, info: `CQL ${cql}`, confidence: SURE };
  },
};
