/** MurmurHash3, x86, 32 bits, seed 0 (Austin Appleby, public domain), as a signed number. */
export function mmh3(bytes: Uint8Array): number {
  const blocks = bytes.length >>> 2;
  let hash = 0;
  for (let block = 0; block < blocks; block++) {
    const at = 4 * block;
    const word =
      (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
    hash ^= scramble(word);
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  let rest = 0;
  for (let at = bytes.length - 1; at >= 4 * blocks; at--) rest = (rest << 8) | (bytes[at] ?? 0);
  if (bytes.length > 4 * blocks) hash ^= scramble(rest);
  hash ^= bytes.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) | 0;
}

function scramble(word: number): number {
  const mixed = Math.imul(word, 0xcc9e2d51);
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Base64 with a line end after every 76 characters and at the end, as Python's `base64.encodebytes` writes it. */
function base64Lines(bytes: Uint8Array): Uint8Array {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b, c] = bytes.subarray(at, at + 3);
    const word = (a << 16) | ((b ?? 0) << 8) | (c ?? 0);
    const letters = [18, 12, 6, 0].map((shift) => ALPHABET[(word >>> shift) & 63]);
    text += letters
      .map((letter, index) => ((index === 2 && b === undefined) || (index === 3 && c === undefined) ? '=' : letter))
      .join('');
  }
  return Uint8Array.from(text.replace(/.{1,76}/g, '$&\n'), (character) => character.charCodeAt(0));
}

/** The hash of an icon as search engines of hosts write it. */
export const faviconHash = (icon: Uint8Array): number => mmh3(base64Lines(icon));
