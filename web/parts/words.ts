/** Numbers and times as people read them, in the language of the browser where that is a matter of taste. */

export const grouped = (count: number): string => count.toLocaleString('en-US');

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${grouped(count)} ${count === 1 ? one : many}`;

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

/** "0.4 s", "12 s", "3 min 5 s", "2 h 10 min". */
export function durationWords(millis: number): string {
  if (millis < 10_000) return `${(Math.max(0, millis) / 1_000).toFixed(1)} s`;
  if (millis < MINUTE) return `${Math.round(millis / 1_000)} s`;
  if (millis < HOUR) return `${Math.floor(millis / MINUTE)} min ${Math.floor((millis % MINUTE) / 1_000)} s`;
  if (millis < DAY) return `${Math.floor(millis / HOUR)} h ${Math.floor((millis % HOUR) / MINUTE)} min`;
  return `${Math.floor(millis / DAY)} d ${Math.floor((millis % DAY) / HOUR)} h`;
}

/** The clock of the browser's own zone: "2026-11-26 15:20:08". */
export function clockWords(iso: string): string {
  const at = new Date(iso);
  const two = (value: number): string => String(value).padStart(2, '0');
  const date = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${date} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** The end of an id tells scans of one week apart; its beginning is the time. */
export const idEnd = (id: string): string => id.slice(-6);

/**
 * Bytes (one character each) as text in which everything can be seen: a line end is one, whatever it is made of; other
 * bytes that have no sign are \\xNN, which every font has.
 */
export const bannerText = (banner: string): string =>
  banner
    .replaceAll('\r\n', '\n')
    .replaceAll(/[^\x20-\x7e\n]/g, (sign) => `\\x${sign.charCodeAt(0).toString(16).padStart(2, '0')}`);

/** As a hex dump: offset, sixteen bytes, and their text. */
export function hexDump(banner: string): string {
  const lines: string[] = [];
  for (let at = 0; at < banner.length; at += 16) {
    const part = [...banner.slice(at, at + 16)].map((sign) => sign.charCodeAt(0) & 0xff);
    const hex = part.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const text = part.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
    lines.push(`${at.toString(16).padStart(4, '0')}  ${hex.padEnd(47)}  ${text}`);
  }
  return lines.join('\n');
}
