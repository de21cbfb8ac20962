import type { BenchRow, MeasuredRun } from './bench-row.ts';

const HEADINGS = [
  'scanner',
  'time s',
  'open found',
  'false open',
  'closed called filtered',
  'CPU s',
  'memory MB',
  'SYNs / port',
  'packets / port',
  'runs',
];

/** The rows of one scenario as a Markdown table. Costs are the median of the runs; what was got wrong is the worst of them. */
export function markdownTable(rows: readonly BenchRow[]): string {
  const absent = rows.filter((row) => row.absent !== undefined).map((row) => `${row.scanner} (${row.absent})`);
  const ran = rows.filter(({ runs }) => runs.length > 0);
  return `${tableOf(ran)}${absent.length > 0 ? `\nNot in the table: ${absent.join('; ')}.\n` : ''}`;
}

function tableOf(rows: readonly BenchRow[]): string {
  const cells = [HEADINGS, ...rows.map(cellsOf)];
  const widths = HEADINGS.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  const pad = (line: readonly string[]) => line.map((cell, column) => pads(cell, widths[column] ?? 0, column));
  const [head = [], ...body] = cells.map(pad);
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [head, rule, ...body].map((line) => `| ${line.join(' | ')} |\n`).join('');
}

const pads = (cell: string, width: number, column: number): string =>
  column === 0 ? cell.padEnd(width) : cell.padStart(width);

function cellsOf({ scanner, runs }: BenchRow): string[] {
  const [first] = runs;
  if (!first) return [scanner];
  const stopped = runs.some((run) => run.stopped);
  return [
    scanner,
    `${stopped ? '> ' : ''}${fixed(median(runs, 'ms') / 1000, 2)}`,
    `${Math.min(...runs.map((run) => run.openFound))} of ${first.openThere}`,
    worst(runs, 'falseOpen'),
    worst(runs, 'closedCalledFiltered'),
    fixed(median(runs, 'cpuMs') / 1000, 2),
    fixed(median(runs, 'peakKb') / 1024, 0),
    first.synsPerPort === null ? '–' : fixed(median(runs, 'synsPerPort'), 2),
    first.packetsPerPort === null ? '–' : fixed(median(runs, 'packetsPerPort'), 2),
    `${runs.length}${runs.some((run) => run.overflowed > 0) ? ' !' : ''}`,
  ];
}

type Figure = 'ms' | 'cpuMs' | 'peakKb' | 'synsPerPort' | 'packetsPerPort';

/** The middle value; of an even number of them the mean of the two in the middle. */
export function median(runs: readonly MeasuredRun[], figure: Figure): number {
  const sorted = runs.map((run) => run[figure] ?? 0).sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low = 0, high = low] = sorted.slice(Math.ceil(middle) - 1, Math.floor(middle) + 1);
  return (low + high) / 2;
}

function worst(runs: readonly MeasuredRun[], figure: 'falseOpen' | 'closedCalledFiltered'): string {
  const values = runs.map((run) => run[figure]).filter((value) => value !== null);
  return values.length === 0 ? '–' : String(Math.max(...values));
}

const fixed = (value: number, digits: number): string => value.toFixed(digits);
