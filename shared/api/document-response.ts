import { errorValue } from '../domain/errors.ts';
import { err, ok, type Result } from '../domain/result.ts';
import { turn } from '../seams/turn.ts';

export interface DocumentOptions {
  readonly mediaType: string;
  /** What a browser saves it as. */
  readonly fileName: string;
  readonly mostBytes: number | null;
}

/**
 * A document as an answer. It streams piece by piece, at the pace of its reader, unless an answer has a largest size:
 * then it is put together first, and one that is too large is an error.
 */
export async function documentResponse(
  pieces: AsyncGenerator<string, void, void>,
  { mediaType, fileName, mostBytes }: DocumentOptions,
): Promise<Result<Response>> {
  const body = mostBytes === null ? streamOf(pieces) : await gather(pieces, mostBytes);
  if (body === undefined) {
    return err(errorValue('REPORT_TOO_LARGE', `The document has more than ${mostBytes} bytes.`));
  }
  const headers = {
    'content-type': mediaType,
    'content-disposition': `inline; filename="${fileName}"`,
    // Texts from the network stand in it: should one ever get out of its place, it finds nothing that it may do.
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
  };
  return ok(new Response(body, { headers }));
}

/** Bytes that are made in one turn of the event loop: some 4 ms of work. */
const BYTES_A_TURN = 65_536;

/**
 * Pulls the next piece when the reader has taken the last; one who is fast enough takes megabytes without a turn of the
 * event loop. A failure breaks the stream off: half a document is no 200.
 */
function streamOf(pieces: AsyncGenerator<string, void, void>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let bytes = 0;
  return new ReadableStream(
    {
      async pull(controller) {
        const next = await pieces.next();
        if (next.done) return controller.close();
        const piece = encoder.encode(next.value);
        bytes += piece.byteLength;
        if (bytes >= BYTES_A_TURN) {
          bytes = 0;
          await turn();
        }
        controller.enqueue(piece);
      },
      async cancel() {
        await pieces.return();
      },
    },
    { highWaterMark: 0 },
  );
}

async function gather(pieces: AsyncIterable<string>, mostBytes: number): Promise<string | undefined> {
  const encoder = new TextEncoder();
  const parts: string[] = [];
  let bytes = 0;
  for await (const piece of pieces) {
    bytes += encoder.encode(piece).length;
    if (bytes > mostBytes) return undefined;
    parts.push(piece);
  }
  return parts.join('');
}
