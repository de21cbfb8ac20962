import { bytesOfHex, bytesOfLatin1, concatBytes } from '../../../domain/bytes.ts';
import type { Question } from './matcher.ts';

const [HEADERS, SETTINGS] = [1, 4];
/** END_STREAM and END_HEADERS: the request is complete. */
const WHOLE = 0x05;

function frame(type: number, flags: number, stream: number, payload: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(0, 0, payload.length, type, flags, 0, 0, 0, stream), payload);
}

/** A header whose name has an index in the static table, or none (0), as a literal without Huffman (RFC 7541 section 6.2.2). */
function literal(index: number, name: string, value: string): Uint8Array {
  const text = (each: string): Uint8Array => concatBytes(Uint8Array.of(each.length), bytesOfLatin1(each));
  // The index has four bits; what is 15 or more goes on in a second byte.
  const head = index < 15 ? Uint8Array.of(index) : Uint8Array.of(15, index - 15);
  return index === 0 ? concatBytes(head, text(name), text(value)) : concatBytes(head, text(value));
}

/** `:method POST` and `:scheme http` stand whole in the static table; `:authority` is 1, `:path` 4, `content-type` 31. */
const requestHeaders = (host: string): Uint8Array =>
  concatBytes(
    bytesOfHex('83 86'),
    literal(4, ':path', '/grpc.health.v1.Health/Check'),
    literal(1, ':authority', host.slice(0, 100)),
    literal(31, 'content-type', 'application/grpc'),
    literal(0, 'te', 'trailers'),
  );

/**
 * The preface of HTTP/2 and one call of gRPC's health check, without a message: a gRPC server answers it with a status
 * (whatever that is), any other HTTP/2 server with one of its own.
 */
export const grpcQuestion: Question = {
  name: 'grpc',
  bytes: (host) =>
    concatBytes(
      bytesOfLatin1('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
      frame(SETTINGS, 0, 0, new Uint8Array()),
      frame(HEADERS, WHOLE, 1, requestHeaders(host)),
    ),
};
