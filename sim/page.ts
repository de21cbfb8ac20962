import type { WaitCause } from './fleet-run.ts';
import { LIMITS } from './limits.ts';
import { type FleetRow, RUNS, rowName } from './rows.ts';

/** The parts of docs/scale.md that the simulation writes, by the names of their markers. */
export const pageParts = (rows: readonly FleetRow[]): Readonly<Record<'time' | 'cost' | 'limits', string>> => ({
  time: timeTable(rows),
  cost: costTable(rows),
  limits: limitsTable(rows),
});

function table(headings: readonly string[], body: readonly (readonly string[])[]): string {
  const isNumber = (column: number): boolean => body.every((cells) => NUMBER.test(cells[column] ?? ''));
  const rule = headings.map((_, column) => (isNumber(column) ? '---:' : '---'));
  return [headings, rule, ...body].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Columns of numbers, with their units, are set to the right. */
const NUMBER = /^(–|\$?[\d.,:]+( (s|min|h|%))?)$/;

const count = (value: number): string => Math.round(value).toLocaleString('en');
const rounded = (value: number): number => Number(value.toPrecision(3));
const dollars = (value: number): string =>
  `$${rounded(value).toLocaleString('en', value < 10 ? { maximumSignificantDigits: 3 } : { maximumFractionDigits: 1 })}`;
const percent = (share: number): string =>
  `${share < 0.1 ? Number((share * 100).toPrecision(2)) : count(share * 100)} %`;

/** "47 s", "5:34 min", "48:52 h". */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  if (whole < 60) return `${whole} s`;
  if (whole < 3_600) return `${Math.floor(whole / 60)}:${two(whole % 60)} min`;
  return `${Math.floor(whole / 3_600)}:${two(Math.floor((whole % 3_600) / 60))} h`;
}

const WAIT_WORDS: Readonly<Record<WaitCause, string>> = {
  sending: 'the sending of chunks',
  ramp: "the event source's ramp",
  workers: 'workers',
  lanes: "the address's rate",
  'last chunks': 'the last chunks',
  visibility: "a dead worker's message",
};

const largest = <Name extends string>(shares: Readonly<Record<Name, number>>): Name =>
  (Object.keys(shares) as Name[]).reduce((most, name) => (shares[name] > shares[most] ? name : most));

/** What took most of the scan's time, and its share of it. */
export function boundOf({ run, end, seconds }: FleetRow): { readonly words: string; readonly share: number } {
  const wait = largest(run.waits);
  if (end.seconds > run.waits[wait]) return { words: 'the aggregator', share: end.seconds / seconds };
  const words = wait === 'workers' ? `workers, held by ${HELD_WORDS[largest(run.held)]}` : WAIT_WORDS[wait];
  return { words, share: run.waits[wait] / seconds };
}

const HELD_WORDS = {
  rate: 'the rate of an address',
  sockets: 'their sockets',
  cpu: 'their CPU',
  timeouts: 'timeouts in a row',
} as const;

function timeTable(rows: readonly FleetRow[]): string {
  const headings = [
    'scan',
    'workers',
    'time',
    `slowest of ${RUNS}`,
    'bounded by',
    'of the time',
    'at once',
    'next scan waits',
    'chunks',
    'attempts',
    'attempts/s at most',
    'aggregator',
  ];
  const body = rows.map((row) => {
    const { run, end } = row;
    const bound = boundOf(row);
    return [
      `${row.name}${row.refusal ? ' ¹' : ''}`,
      count(row.workers),
      duration(row.seconds),
      row.slowest === null ? '–' : duration(row.slowest),
      bound.words,
      percent(bound.share),
      count(run.mostWorkers),
      duration(run.longestWait),
      count(run.chunks),
      count(rounded(run.attempts)),
      count(rounded(run.peaks.attempts)),
      duration(end.seconds),
    ];
  });
  return `${table(headings, body)}${refusals(rows)}`;
}

/** What the API would have said to some of the scans. */
function refusals(rows: readonly FleetRow[]): string {
  const refused = rows.find(({ refusal }) => refusal !== undefined)?.refusal;
  if (!refused) return '';
  return `\n\n¹ With the default settings the API refuses it, \`${refused.code}\`: *${refused.detail} ${refused.hint ?? ''}* The rows are what it does once the owner has raised the setting.`;
}

function costTable(rows: readonly FleetRow[]): string {
  const headings = [
    'scan',
    'workers',
    'probes',
    'messages',
    'SQS requests',
    'invocations',
    'GB-seconds',
    'write units',
    'busiest partition/s',
  ];
  const services = ['Lambda', 'SQS', 'DynamoDB', 'API, logs', 'total', 'estimated', 'to follow it'];
  const body = rows.map(({ name, workers, run, usage, bill, estimate, following }) => [
    name,
    count(workers),
    count(run.probes),
    count(run.chunks + run.endings['put-back']),
    count(usage.chunkRequests + usage.rangeRequests),
    count(usage.invocations),
    count(rounded(usage.gbSeconds)),
    count(rounded(usage.writeUnits)),
    count(run.peaks.partitionWrites),
    ...[bill.lambda, bill.sqs, bill.dynamodb, bill.other, bill.total, estimate.expected, following].map(dollars),
  ]);
  return table([...headings, ...services], body);
}

/** How near the rows come to one limit. */
interface Nearness {
  readonly name: string;
  readonly outcome: string;
  readonly most: number;
  readonly mostIn: FleetRow;
  /** The first row that is over it. */
  readonly over: FleetRow | undefined;
}

/** The limits, the one that is used most first. */
export function nearness(rows: readonly FleetRow[]): Nearness[] {
  const near = LIMITS.flatMap(({ name, outcome }, place) => {
    const useOf = ({ uses }: FleetRow): number => uses[place] ?? 0;
    const [first] = rows;
    if (!first) return [];
    const mostIn = rows.reduce((most, row) => (useOf(row) > useOf(most) ? row : most), first);
    return [{ name, outcome, most: useOf(mostIn), mostIn, over: rows.find((row) => useOf(row) > 1) }];
  });
  return near.sort((a, b) => b.most - a.most);
}

function limitsTable(rows: readonly FleetRow[]): string {
  const near = nearness(rows);
  const headings = ['limit', 'used at most', 'by', 'first over it', 'what happens then'];
  const body = near.map(({ name, most, mostIn, over, outcome }) => [
    name,
    percent(most),
    rowName(mostIn),
    over ? rowName(over) : '–',
    outcome,
  ]);
  return `${table(headings, body)}\n\n${firstBend(rows, near)}`;
}

/** Rows go from small scans to large ones and from small fleets to large ones: what the first of them are over. */
function firstBend(rows: readonly FleetRow[], near: readonly Nearness[]): string {
  const first = rows.find((row) => near.some(({ over }) => over === row));
  if (!first) return 'No row is over any limit.';
  const bent = near.filter(({ over }) => over === first).map(({ name }) => name);
  return `In the order of the rows, the first that is over a limit is **${rowName(first)}**: ${bent.join('; ')}.`;
}
