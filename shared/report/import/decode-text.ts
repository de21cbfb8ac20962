import { errorValue, PortfleetError } from '../../domain/errors.ts';

type Decoder = InstanceType<typeof TextDecoder>;

/** As much of a file as has its byte order mark, and the declaration of its encoding. */
const HEAD = 512;

/**
 * The bytes of a file as text. A byte order mark counts first, then the declaration of an XML document, then UTF-8.
 * Throws NMAP_XML_UNREADABLE for an encoding that this machine does not know.
 */
export async function* decodeText(bytes: AsyncIterable<Uint8Array>, file: string): AsyncGenerator<string, void, void> {
  let head: Uint8Array = new Uint8Array();
  let decoder: Decoder | undefined;
  for await (const piece of bytes) {
    if (!decoder) {
      head = head.length === 0 ? piece : concatenated(head, piece);
      if (head.length < HEAD) continue;
      decoder = decoderFor(head, file);
      yield decoder.decode(head, { stream: true });
    } else yield decoder.decode(piece, { stream: true });
  }
  decoder ??= decoderFor(head, file);
  // Shorter than a head: nothing of it was decoded yet.
  yield head.length < HEAD ? decoder.decode(head) : decoder.decode();
}

function concatenated(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

function decoderFor(head: Uint8Array, file: string): Decoder {
  const encoding = encodingOf(head);
  try {
    return new TextDecoder(encoding);
  } catch {
    const hint = 'Convert it to UTF-8, for example with iconv, and import it again.';
    throw new PortfleetError([
      errorValue('NMAP_XML_UNREADABLE', `${file}: its encoding "${encoding}" is not known here`, { hint }),
    ]);
  }
}

function encodingOf(head: Uint8Array): string {
  const [first, second] = head;
  if ((first === 0xff && second === 0xfe) || (first === 0x3c && second === 0)) return 'utf-16le';
  if ((first === 0xfe && second === 0xff) || (first === 0 && second === 0x3c)) return 'utf-16be';
  const start = String.fromCharCode(...head.subarray(0, HEAD));
  const [, declared] = /^(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?encoding\s*=\s*["']([\w.:-]{1,40})["']/.exec(start) ?? [];
  return declared ?? 'utf-8';
}
