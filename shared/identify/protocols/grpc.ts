import { grpcQuestion } from './kit/grpc-question.ts';
import { type Matcher, SURE } from './kit/matcher.ts';

/** "application/grpc" as it is, and in the Huffman code of RFC 7541 appendix B without its last, unfinished byte. */
const CONTENT_TYPES = ['application/grpc', '\x1d\x75\xd0\x62\x0d\x26\x3d\x4c\x4d\x65'] as const;

/** "grpc-status" in both forms: a server may answer with trailers alone. */
const STATUSES = ['grpc-status', '\x9a\xca\xc8\xb2\x12\x34\xda\x8f'] as const;

/** A SETTINGS frame of stream 0, by which every HTTP/2 server begins. */
const PREFACE = /^\0\0[\0-\x78]\x04\0\0\0\0\0/;

export const grpc: Matcher = {
  name: 'grpc',
  source: 'gRPC over HTTP/2; RFC 7541',
  ports: [50_051],
  tlsPorts: [],
  question: grpcQuestion,
  match({ text, asked }) {
    if (asked !== grpcQuestion.name || !PREFACE.test(text)) return null;
    const isGrpc = [...CONTENT_TYPES, ...STATUSES].some((mark) => text.includes(mark));
    return isGrpc ? { name: 'grpc', confidence: SURE } : null;
  },
};
