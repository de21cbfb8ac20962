/** One character for each byte (ISO 8859-1): bytes as text that JSON can hold and patterns can look at. */
export function latin1(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** The inverse of `latin1`. */
export const bytesOfLatin1 = (text: string): Uint8Array =>
  Uint8Array.from(text, (character) => character.charCodeAt(0) & 0xff);

/** The UTF-8 text that `latin1` bytes hold; what is no UTF-8 becomes U+FFFD. */
export const utf8 = (latin1Text: string): string => new TextDecoder().decode(bytesOfLatin1(latin1Text));

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** A number of `size` bytes at `at`, most significant first; undefined where the bytes end before it. */
export function bigEndian(bytes: Uint8Array, at: number, size: 1 | 2 | 3 | 4): number | undefined {
  if (at < 0 || at + size > bytes.length) return undefined;
  return bytes.subarray(at, at + size).reduce((value, byte) => value * 256 + byte, 0);
}

/** The same, least significant first. */
export function littleEndian(bytes: Uint8Array, at: number, size: 1 | 2 | 3 | 4): number | undefined {
  if (at < 0 || at + size > bytes.length) return undefined;
  return bytes.subarray(at, at + size).reduceRight((value, byte) => value * 256 + byte, 0);
}

/** "04 d2 16 2f" as bytes. */
export const bytesOfHex = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/[0-9a-f]{2}/gi) ?? [], (pair) => Number.parseInt(pair, 16));
