import type { Finding } from '../../domain/finding.ts';
import { cell } from './printable.ts';
import type { TimeFormat } from './time.ts';

/** `65535/tcp` and a space. */
export const PORT_WIDTH = 10;

/** The longest service name that IANA registers has 15 characters (RFC 6335, section 5.1). */
export const SERVICE_WIDTH = 16;

/** An IPv6 address in full is longer, but hardly one is written so. */
const ADDRESS_WIDTH = 16;

/** What the lines of one scan look like; made once. */
export interface LineStyle {
  readonly timeFormat: TimeFormat;
  /** With several hosts, each line begins with the address. */
  readonly addresses: 'one' | 'many';
}

/** A port at the moment it was found: number, service name or "unavailable", date and time. No line end. */
export function findingLine(finding: Finding, style: LineStyle): string {
  const address = style.addresses === 'many' ? `${finding.address} `.padEnd(ADDRESS_WIDTH) : '';
  const port = `${finding.port}/${finding.protocol}`.padEnd(PORT_WIDTH);
  return `${address}${port}${serviceText(finding).padEnd(SERVICE_WIDTH)} ${style.timeFormat(finding.seenAt)}`;
}

/**
 * The service name for a line of text: printable and bounded, because a probed one comes from the network. What speaks
 * TLS from the first byte is written as nmap writes it, "ssl/http".
 */
export function serviceText({ service: { name, method }, tls }: Finding): string {
  const isInside = method === 'probed' && tls?.startTls === null && name !== 'tls';
  return cell(isInside ? `ssl/${name}` : name, 2 * SERVICE_WIDTH);
}

/** More than a part of a line of a terminal is told by the JSON. */
const LONGEST_VERSION = 48;

/** "nginx 1.24.0 (Welcome to nginx!)", as nmap writes it, bounded too; empty where nothing is known. */
export function versionText({ service: { product, version, info } }: Finding): string {
  const parts = [product, version, info && `(${info})`];
  return cell(parts.filter((part) => part).join(' '), LONGEST_VERSION);
}
