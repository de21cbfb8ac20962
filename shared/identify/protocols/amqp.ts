import { bigEndian, bytesOfLatin1 } from '../../domain/bytes.ts';
import { type Matcher, type Question, SURE } from './kit/matcher.ts';

/** A method frame of channel 0 with Connection.Start: class 10, method 10, versions 0 and 9. */
const START = /^\x01\0\0[\s\S]{4}\0\x0a\0\x0a\0\x09/;

/** A protocol header, which the server sends to whom it does not understand, and then hangs up (section 2.2). */
const HEADER = /^AMQP([\0\x02\x03])([\0\x01])([\0-\x09])([\0-\x0a])/;

/** The long string of that name in the table of server properties. */
function property(text: string, bytes: Uint8Array, name: string): string | undefined {
  const mark = `${String.fromCharCode(name.length)}${name}S`;
  const at = text.indexOf(mark);
  const length = at === -1 ? undefined : bigEndian(bytes, at + mark.length, 4);
  return length === undefined
    ? undefined
    : text.slice(at + mark.length + 4, at + mark.length + 4 + Math.min(length, 200));
}

const QUESTION: Question = { name: 'amqp', bytes: () => bytesOfLatin1('AMQP\0\0\x09\x01') };

export const amqp: Matcher = {
  name: 'amqp',
  source: 'AMQP 0-9-1, sections 2.2 and 1.4.2.1 (Connection.Start)',
  ports: [5672],
  tlsPorts: [5671],
  question: QUESTION,
  match({ bytes, text, asked }) {
    if (START.test(text)) {
      const [product, version] = ['product', 'version'].map((name) => property(text, bytes, name));
      return { name: 'amqp', product, version, info: property(text, bytes, 'platform'), confidence: SURE };
    }
    const [found, id = '', ...numbers] = HEADER.exec(text) ?? [];
    const version = numbers.map((number) => number.charCodeAt(0)).join('.');
    const isOurs = id === '\0' && version === '0.9.1';
    // To our own header a broker of that version answers with a method: the header itself would be an echo.
    if (found === undefined || (isOurs && asked === QUESTION.name)) return null;
    const info = `protocol ${isOurs ? '0-9-1' : version}`;
    return { name: 'amqp', info, confidence: SURE, ...(asked !== QUESTION.name && { next: QUESTION }) };
  },
};
