/** 32-bit FNV-1a over UTF-16 units: the same on every machine, and all that an id or a spread over time needs. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return value;
}

/** Eight hexadecimal digits that stand for these words, always the same ones. */
export const stableId = (...words: readonly string[]): string => hash(words.join('\n')).toString(16).padStart(8, '0');

/** A number in [0, 1) that the text decides. The hash's own last step spreads neighbours badly, so it is mixed again. */
export function stableFraction(text: string): number {
  let value = hash(text);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return ((value ^ (value >>> 16)) >>> 0) / 2 ** 32;
}
