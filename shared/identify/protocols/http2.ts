import { bigEndian } from '../../domain/bytes.ts';
import { grpcQuestion } from './kit/grpc-question.ts';
import { type Matcher, SURE } from './kit/matcher.ts';

const SETTINGS = 4;

/** Each setting is six bytes, and no server has more than a handful. */
const LONGEST = 120;

export const http2: Matcher = {
  name: 'http2',
  source: 'RFC 9113, sections 3.4 and 6.5',
  ports: [],
  tlsPorts: [],
  question: grpcQuestion,
  match({ bytes, asked }) {
    const [length = -1, type, stream] = [bigEndian(bytes, 0, 3), bigEndian(bytes, 3, 1), bigEndian(bytes, 5, 4)];
    // The server's preface is a SETTINGS frame of stream 0; frames begin with their length.
    if (type !== SETTINGS || stream !== 0 || length % 6 !== 0 || length > LONGEST) return null;
    return { name: 'http2', confidence: SURE, ...(asked !== grpcQuestion.name && { next: grpcQuestion }) };
  },
};
