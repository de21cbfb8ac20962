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
