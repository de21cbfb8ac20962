import { type ErrorValue, errorValue } from '../domain/errors.ts';
import { quoted } from '../domain/excerpt.ts';
import { PROXY_KINDS, type ProxyKind, type ProxyLogin } from '../domain/proxy.ts';
import { err, ok, type Result } from '../domain/result.ts';
import { type PortNumber, portNumber } from '../domain/units.ts';
import { parseTarget } from './parse-target.ts';

/** A proxy as it was written; its name is not resolved yet. */
export interface ParsedProxy {
  readonly kind: ProxyKind;
  readonly host: string;
  readonly port: PortNumber;
  readonly login: ProxyLogin | null;
}

const URL_OF_PROXY = /^([a-z0-9]+):\/\/(?:([^/]*)@)?(\[[^\]]+\]|[^:/@\s[\]]+):(\d{1,5})\/?$/i;

/** RFC 1929: the length of each is one byte. */
const LONGEST_LOGIN = 255;

/** "socks5://127.0.0.1:1080", "http://user:password@proxy.example:3128". No error shows the user or the password. */
export function parseProxy(text: string | undefined, field: string): Result<ParsedProxy | null> {
  if (text === undefined) return ok(null);
  const [, scheme = '', userinfo, host = '', digits = ''] = URL_OF_PROXY.exec(text.trim()) ?? [];
  const kind = PROXY_KINDS.find((each) => each === scheme.toLowerCase());
  const port = portNumber(Number(digits));
  const plain = host.replace(/^\[(.*)\]$/, '$1');
  const login = loginOf(userinfo);
  if (!kind || !port || login === undefined || !isOneHost(plain, field)) return err(unreadable(text, scheme, field));
  return ok({ kind, host: plain.toLowerCase(), port, login });
}

function isOneHost(host: string, field: string): boolean {
  const spec = parseTarget(host, field);
  if (!spec.ok) return false;
  const { value } = spec;
  return value.kind === 'name' || (value.kind === 'range' && value.spans.every(([first, last]) => first === last));
}

/** Undefined where it cannot be read. */
function loginOf(userinfo: string | undefined): ProxyLogin | null | undefined {
  if (userinfo === undefined) return null;
  const at = userinfo.indexOf(':');
  const [user, password] = [userinfo.slice(0, at < 0 ? undefined : at), at < 0 ? '' : userinfo.slice(at + 1)];
  try {
    const login = { user: decodeURIComponent(user), password: decodeURIComponent(password) };
    const isShort = Object.values(login).every((each) => new TextEncoder().encode(each).length <= LONGEST_LOGIN);
    return isShort && login.user !== '' ? login : undefined;
  } catch {
    return undefined;
  }
}

function unreadable(text: string, scheme: string, field: string): ErrorValue {
  // Wherever the password was thought to begin.
  const shown = text.replace(/^([a-z0-9]+:\/\/)?.*@/is, '$1…@');
  const at = { field, text: shown, start: 0, end: shown.length };
  const others: Readonly<Record<string, string>> = {
    socks5h: 'Names of targets are resolved by this machine; write socks5://.',
    socks4: 'Only version 5 of SOCKS is spoken; write socks5://, if the proxy does.',
    https: 'The way to the proxy is not encrypted; write http://, if the proxy takes that.',
  };
  const hint = others[scheme.toLowerCase()] ?? 'Write socks5://host:port, or http://user:password@host:port.';
  return errorValue('OPTION_UNREADABLE', `${quoted(shown)} is no proxy.`, { at, hint });
}
