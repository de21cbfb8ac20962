import { serviceName } from '../../domain/registry/services.ts';
import { serviceText, versionText } from './finding-line.ts';
import type { PortRow } from './fold-ports.ts';
import type { TimeFormat } from './time.ts';
import { usualNameOf } from './usual-name.ts';

/** The columns of a table of ports, for people. USUALLY is what engineers expect where the registry says otherwise. */
const COLUMNS = ['PORT', 'STATE', 'SERVICE', 'USUALLY', 'VERSION', 'REASON', 'SEEN'] as const;

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

export interface Table {
  readonly head: readonly string[];
  readonly body: readonly (readonly string[])[];
}

/** The rows as cells, without the columns that none of them fills. */
export function portTable(rows: readonly PortRow[], timeFormat: TimeFormat): Table {
  const cells = rows.map((row) => portCells(row, timeFormat));
  const filled = COLUMNS.map((_, column) => cells.some((line) => line[column] !== ''));
  const keep = (line: readonly string[]): string[] => line.filter((_, column) => filled[column]);
  return { head: keep(COLUMNS), body: cells.map(keep) };
}

/** The table with every column as wide as its widest cell, a line each. */
export function alignedLines({ head, body }: Table): string[] {
  const widths = head.map((title, column) =>
    body.reduce((most, line) => Math.max(most, line[column]?.length ?? 0), title.length),
  );
  const aligned = (line: readonly string[]): string =>
    line.map((text, column) => text.padEnd(widths[column] ?? 0)).join(' ');
  return body.length === 0 ? [] : [head, ...body].map((line) => `${aligned(line).trimEnd()}\n`);
}
