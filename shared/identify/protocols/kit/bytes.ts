/** Small words for writing datagrams down as their documents draw them. All numbers are in network order. */

export const bytes = (...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...part]));

export const u8 = (value: number): Uint8Array => Uint8Array.of(value);
export const u16 = (value: number): Uint8Array => Uint8Array.of(value >>> 8, value);
export const u24 = (value: number): Uint8Array => Uint8Array.of(value >>> 16, value >>> 8, value);
export const u32 = (value: number): Uint8Array => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
export const zeros = (count: number): Uint8Array => new Uint8Array(count);

/** One byte a character; for text that is ASCII, or Latin-1. */
export const ascii = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** The bytes with their count before them, in as many bytes as `count` writes. */
export const counted = (count: (length: number) => Uint8Array, content: Uint8Array): Uint8Array =>
  bytes(count(content.length), content);

/** Lines with the line end of the text protocols of the Internet, and an empty one behind them. */
export const lines = (...text: readonly string[]): Uint8Array => ascii([...text, '', ''].join('\r\n'));

/** For fields that want a random value: any will do, and a fixed one keeps the datagram the same in every scan. */
export const PORTFLEET_ID = ascii('Portflt1');
