import { bytesOfLatin1, concatBytes, littleEndian } from '../../domain/bytes.ts';
import { type Matcher, type Question, SURE } from './kit/matcher.ts';

/** "fprt": what the reply's responseTo must say. */
const REQUEST_ID = 0x74_72_70_66;

const OP_MSG = 2013;
const HEADER_SIZE = 16;

const int32 = (value: number): Uint8Array => new Uint8Array(Uint32Array.of(value).buffer);

/** BSON {buildInfo: 1, $db: "admin"}, which needs no authentication. */
const COMMAND = bytesOfLatin1(`\x10buildInfo\0\x01\0\0\0\x02$db\0\x06\0\0\0admin\0\0`);

function ask(): Uint8Array {
  const body = concatBytes(int32(0), Uint8Array.of(0), int32(COMMAND.length + 4), COMMAND);
  return concatBytes(int32(HEADER_SIZE + body.length), int32(REQUEST_ID), int32(0), int32(OP_MSG), body);
}

const QUESTION: Question = { name: 'mongodb', bytes: ask };

/** A BSON string element: 2, its name, a length of four bytes, and the text. */
const VERSION = /\x02version\0[\s\S]{4}(\d[\w.-]{0,40})\0/;
const REFUSAL = /\x02errmsg\0[\s\S]{4}([^\0]{1,200})\0/;

const FERRET = /\x02ferretdbVersion\0[\s\S]{4}v?(\d[\w.-]{0,40})|ferretdb/i;

/** Others that speak the protocol leave their names in the build's module or environment. */
const imitationIn = (text: string): string | undefined => /CosmosDB|documentDB|Oracle API for MongoDB/i.exec(text)?.[0];

export const mongodb: Matcher = {
  name: 'mongodb',
  source: 'MongoDB wire protocol, OP_MSG; buildInfo',
  ports: [27_017, 27_018, 27_019],
  tlsPorts: [],
  question: QUESTION,
  match({ bytes, text, asked }) {
    if (/^HTTP\/1\.[01] 200[\s\S]*trying to access MongoDB over HTTP/.test(text)) {
      return { name: 'mongodb', product: 'MongoDB', confidence: SURE, next: QUESTION };
    }
    const isReply = littleEndian(bytes, 8, 4) === REQUEST_ID && littleEndian(bytes, 12, 4) === OP_MSG;
    if (asked !== 'mongodb' || !isReply) return null;
    const [version, refusal] = [VERSION.exec(text)?.[1], REFUSAL.exec(text)?.[1]];
    // FerretDB gives the version of the MongoDB that it imitates as its own, and says so in the same answer.
    const ferret = FERRET.exec(text);
    if (ferret !== null) {
      const info = version && `as MongoDB ${version}`;
      return { name: 'mongodb', product: 'FerretDB', version: ferret[1], info, confidence: SURE };
    }
    return { name: 'mongodb', product: imitationIn(text) ?? 'MongoDB', version, info: refusal, confidence: SURE };
  },
};
