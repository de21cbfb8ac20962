import type { AlertResource, WatchLine, WatchResource } from '../../shared/api/resources/watch-resource.ts';
import { epochMillis } from '../../shared/domain/units.ts';
import { counted } from '../../shared/report/formats/host-words.ts';
import { printable } from '../../shared/report/formats/printable.ts';
import type { TimeFormat } from '../../shared/report/formats/time.ts';
import { factWords } from '../../shared/watch/fact-words.ts';
import { receiverWords } from '../../shared/watch/receiver.ts';

const HEAD = ['WATCH', 'STATE', 'LAST RUN', 'CHANGES', 'NEXT RUN'];

const when = (time: string | null, timeFormat: TimeFormat): string =>
  time === null ? '-' : timeFormat(epochMillis(Date.parse(time)));

const stateOf = ({ status, phase }: WatchLine): string =>
  phase === 'idle' ? status : `${status}, ${phase.replace('-', ' ')}`;

/** A line a watch. */
export function watchTable(lines: readonly WatchLine[], timeFormat: TimeFormat): string {
  const rows = lines.map((line) => [
    line.name,
    stateOf(line),
    when(line.lastRun?.startedAt ?? null, timeFormat),
    line.lastRun === null ? '-' : line.lastRun.failure === null ? `${line.lastRun.changes}` : 'failed',
    when(line.nextRunAt, timeFormat),
  ]);
  const table = [HEAD, ...rows];
  const widths = HEAD.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  return table
    .map(
      (row) =>
        `${row
          .map((text, column) => text.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

/** Everything of one watch: what it does, what it last did, what is open, and whether its messages arrived. */
export function watchText(watch: WatchResource, timeFormat: TimeFormat): string {
  return [
    `${watch.name} (${watch.watchId}): ${stateOf(watch)}`,
    ...specLines(watch),
    `  next run: ${when(watch.nextRunAt, timeFormat)}`,
    ...runLines(watch, timeFormat),
    ...alertLines(watch, timeFormat),
    ...deliveryLines(watch, timeFormat),
    '',
  ].join('\n');
}

function specLines({ spec }: WatchResource): string[] {
  return Object.entries(spec)
    .filter(([name]) => name !== 'name')
    .map(([name, value]) => {
      const values = Array.isArray(value) ? value : [value];
      const words = values.map((each) => (typeof each === 'string' ? each : JSON.stringify(each)));
      return `  ${name}: ${printable(words.map((each) => (name === 'notify' ? receiverWords(each) : each)).join(' '))}`;
    });
}

/** The last runs that are worth a line. */
const RUNS_SHOWN = 5;

function runLines({ runs }: WatchResource, timeFormat: TimeFormat): string[] {
  if (runs.length === 0) return ['  no run yet'];
  const lines = runs.slice(0, RUNS_SHOWN).map(({ run, startedAt, delayedMs, changes, failure, scanId }) => {
    const late = delayedMs > 0 ? `, ${Math.round(delayedMs / 1_000)} s late because the run before took so long` : '';
    const what = failure === null ? counted(changes, 'change') : `failed: ${printable(failure)}`;
    return `  run ${run}, ${when(startedAt, timeFormat)}: ${what}${late}${scanId === null ? '' : `, scan ${scanId}`}`;
  });
  return ['last runs:', ...lines];
}

function alertLines({ alerts, alertCount }: WatchResource, timeFormat: TimeFormat): string[] {
  if (alertCount === 0) return ['no open alert'];
  const lines = alerts.map((alert) => `  [${alert.alertId}] ${alertText(alert, timeFormat)}`);
  const more = alertCount - alerts.length;
  return [`${counted(alertCount, 'open alert')}:`, ...lines, ...(more > 0 ? [`  and ${more} more`] : [])];
}

function alertText(
  { host, protocol, port, told, truth, toldAt, confirming }: AlertResource,
  timeFormat: TimeFormat,
): string {
  const subject = port === null ? printable(host) : `${port}/${protocol} on ${printable(host)}`;
  if (confirming)
    return `${subject}: ${factWords(confirming.fact)}? Being confirmed, seen ${confirming.times} of 3 times`;
  return `${subject}: ${factWords(told)}; right is: ${factWords(truth)}. Told ${when(toldAt, timeFormat)}, still so`;
}

function deliveryLines({ deliveries }: WatchResource, timeFormat: TimeFormat): string[] {
  if (deliveries.length === 0) return [];
  const lines = deliveries.map(({ receiver, state, tries, nextTryAt, answer, createdAt }) => {
    const next = nextTryAt === null ? '' : `, next try ${when(nextTryAt, timeFormat)}`;
    const said = answer === null ? '' : `: ${printable(answer)}`;
    return `  ${when(createdAt, timeFormat)} to ${printable(receiverWords(receiver))}: ${state} after ${counted(tries, 'try', 'tries')}${next}${said}`;
  });
  return ['messages:', ...lines];
}
