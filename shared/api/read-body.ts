import { errorValue } from '../domain/errors.ts';
import { MAX_BODY_BYTES } from '../domain/limits.ts';
import { err, ok, type Result } from '../domain/result.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** The JSON object that a request carries. Never takes more than `MAX_BODY_BYTES` of it, whatever its length says. */
export async function readBody(request: Request): Promise<Result<JsonObject>> {
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(type)) {
    const detail = type === '' ? 'The body has no "Content-Type".' : `The body is declared as "${type}".`;
    return err(errorValue('MEDIA_TYPE_UNSUPPORTED', detail));
  }
  const bytes = await readBytes(request);
  if (!bytes) return err(errorValue('BODY_TOO_LARGE', `The body has more than ${MAX_BODY_BYTES} bytes.`));
  return parseObject(bytes);
}

async function readBytes(request: Request): Promise<Uint8Array | undefined> {
  if (Number(request.headers.get('content-length') ?? 0) > MAX_BODY_BYTES) return undefined;
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of request.body ?? []) {
    size += piece.byteLength;
    if (size > MAX_BODY_BYTES) return undefined;
    pieces.push(piece);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.byteLength;
  }
  return bytes;
}

function parseObject(bytes: Uint8Array): Result<JsonObject> {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return ok({ ...value });
    return err(errorValue('BODY_UNREADABLE', 'The body is JSON, but not an object.'));
  } catch (error) {
    const why = error instanceof SyntaxError ? 'it is not JSON' : 'it is not UTF-8';
    return err(errorValue('BODY_UNREADABLE', `The body cannot be read: ${why}.`));
  }
}
