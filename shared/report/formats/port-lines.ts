import { type Finding, type Service, wasIdentified } from '../../domain/finding.ts';
import type { PortAt } from '../../domain/port-set.ts';
import { NO_SERVICE, serviceName, usualService } from '../../domain/registry/services.ts';
import type { PortRow } from './fold.ts';
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
  /** Columns of the terminal; left out, a line is as long as it is. */
  readonly width?: number;
}

/** A port at the moment it was found: number, service name or "unavailable", date and time. No line end. */
export function findingLine(finding: Finding, style: LineStyle): string {
  const address = style.addresses === 'many' ? `${finding.address} `.padEnd(ADDRESS_WIDTH) : '';
  const port = `${finding.port}/${finding.protocol}`.padEnd(PORT_WIDTH);
  const what = `${address}${port}${serviceText(finding).padEnd(SERVICE_WIDTH)}`;
  const whole = `${what} ${style.timeFormat(finding.seenAt)}`;
  return style.width === undefined || whole.length <= style.width ? whole : cell(what.trimEnd(), style.width);
}

/**
 * The service name for a line of text: printable and bounded, because a probed one comes from the network. What speaks
 * TLS from the first byte is written as nmap writes it, "ssl/http".
 */
export function serviceText(finding: Finding): string {
  const { service, tls } = finding;
  const { name, method } = service;
  const isInside = method === 'probed' && tls?.startTls === null && name !== 'tls';
  return cell(isInside ? `ssl/${name}` : markedName(finding), 2 * SERVICE_WIDTH);
}

/** A service that was probed and not recognised has only the name of its number, which nmap marks: "irdmi?". */
const markedName = (finding: Finding): string => {
  const { name, method } = finding.service;
  return method === 'table' && name !== NO_SERVICE && wasIdentified(finding) ? `${name}?` : name;
};

/** A line of a terminal has room for so much; the JSON has all of it. */
const LONGEST_VERSION = 48;

/** "nginx 1.24.0 (Welcome to nginx!)", as nmap writes it, bounded too; empty where nothing is known. */
export function versionText({ service: { product, version, info } }: Finding): string {
  const parts = [product, version, info && `(${info})`];
  return cell(parts.filter((part) => part).join(' '), LONGEST_VERSION);
}

/** The columns of a table of ports, for people. USUALLY is what engineers expect where the registry says otherwise. */
const COLUMNS = ['PORT', 'STATE', 'SERVICE', 'USUALLY', 'VERSION', 'REASON', 'SEEN'] as const;

export type PortColumn = (typeof COLUMNS)[number];

/** What each column says of a port; nothing where there is nothing to say. */
export const portCells = (row: PortRow, timeFormat: TimeFormat): string[] => [
  `${row.port}/${row.protocol}`,
  row.state,
  row.finding ? serviceText(row.finding) : serviceName(row.protocol, row.port),
  usualNameOf(row, row.finding?.service) ?? '',
  row.finding ? versionText(row.finding) : '',
  row.reason,
  row.finding ? timeFormat(row.finding.seenAt) : '',
];

export interface PortTable {
  /** Empty where there is no row. */
  readonly head: readonly string[];
  /** As wide as the widest cell of each column, its title included. */
  readonly widths: readonly number[];
  /** Made anew whenever it is read: the cells of 65,535 open ports would take 30 MB at once. */
  readonly body: Iterable<readonly string[]>;
}

/** The rows as cells, without the columns that none of them fills, or that are not wanted. */
export function portTable(
  rows: readonly PortRow[],
  timeFormat: TimeFormat,
  without: readonly PortColumn[] = [],
): PortTable {
  const widest: number[] = COLUMNS.map(() => 0);
  for (const row of rows) {
    for (const [column, text] of portCells(row, timeFormat).entries())
      widest[column] = Math.max(widest[column] ?? 0, text.length);
  }
  const isKept = COLUMNS.map((name, column) => !without.includes(name) && widest[column] !== 0);
  const keep = <Cell>(line: readonly Cell[]): Cell[] => line.filter((_, column) => isKept[column]);
  return {
    head: keep(COLUMNS),
    widths: keep(COLUMNS.map((title, column) => Math.max(title.length, widest[column] ?? 0))),
    body: {
      *[Symbol.iterator]() {
        for (const row of rows) yield keep(portCells(row, timeFormat));
      },
    },
  };
}

/** The table with every column as wide as its widest cell, a line each: its head, then its body. */
export function* alignedLines({ head, widths, body }: PortTable): Generator<string, void, void> {
  const aligned = (line: readonly string[]): string =>
    `${line
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join(' ')
      .trimEnd()}\n`;
  yield aligned(head);
  for (const line of body) yield aligned(line);
}

/**
 * What engineers expect on the port where the registry says something else; always beside the registered name, never
 * in its place. Undefined where the service was probed: then it is known.
 */
export const usualNameOf = ({ protocol, port }: PortAt, service: Service | undefined): string | undefined =>
  service?.method === 'probed' ? undefined : usualService(protocol, port);
