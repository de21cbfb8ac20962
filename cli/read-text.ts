import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';

/** More than any list of watches or of expectations; a device that never ends is none. */
export const LONGEST_DOCUMENT = 2 ** 24;

/** All of a file, or of a stream that is open. Throws where it is longer, before the memory is full of it. */
export async function readText(source: string | Readable, longest = LONGEST_DOCUMENT): Promise<string> {
  let text = '';
  const pieces = typeof source === 'string' ? createReadStream(source, 'utf8') : source.setEncoding('utf8');
  for await (const piece of pieces) {
    text += String(piece);
    if (text.length > longest) throw new Error(`it has more than ${longest} characters`);
  }
  return text;
}
