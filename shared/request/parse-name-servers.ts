import { canonicalAddress } from '../domain/addresses/address-set.ts';
import { type ErrorValue, errorValue } from '../domain/errors.ts';
import { quoted } from '../domain/excerpt.ts';
import { err, ok, type Result } from '../domain/result.ts';

/** As many as a system's own resolver uses (MAXNS of resolv.conf is 3), with room. */
const MOST_SERVERS = 8;

/** An address, or one with a port: "192.0.2.53", "127.0.0.1:5353", "2001:db8::53", "[::1]:5353". */
const WITH_PORT = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/;

/** Name servers, as `dns.Resolver` takes them; each may hold several between commas. Every error at once. */
export function parseNameServers(texts: readonly string[], field: string): Result<readonly string[]> {
  const words = texts.flatMap((text) => text.split(/[\s,]+/)).filter((word) => word !== '');
  const errors: ErrorValue[] = [];
  const servers: string[] = [];
  for (const word of words) {
    const server = readServer(word);
    if (server !== undefined) servers.push(server);
    else errors.push(unreadable(word, field));
  }
  if (texts.length > 0 && words.length === 0) errors.push(unreadable(texts[0] ?? '', field));
  if (servers.length > MOST_SERVERS) {
    const detail = `${field} names ${servers.length} name servers; ${MOST_SERVERS} are the most.`;
    errors.push(errorValue('OPTION_UNREADABLE', detail));
  }
  return errors.length > 0 ? err(...errors.slice(0, MOST_SERVERS)) : ok([...new Set(servers)]);
}

function readServer(word: string): string | undefined {
  const [, v6, v4, digits] = WITH_PORT.exec(word) ?? [];
  const address = canonicalAddress(v6 ?? v4 ?? word.replace(/^\[(.*)\]$/, '$1'));
  const port = digits === undefined ? undefined : Number(digits);
  if (!address || (port !== undefined && (port < 1 || port > 65_535))) return undefined;
  if (port === undefined) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function unreadable(word: string, field: string): ErrorValue {
  const at = { field, text: word, start: 0, end: word.length };
  const hint = 'Write addresses, with a port where it is not 53: 192.0.2.53, 127.0.0.1:5353, [::1]:5353.';
  return errorValue('OPTION_UNREADABLE', `${quoted(word)} is no name server.`, { at, hint });
}
