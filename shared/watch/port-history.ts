import { type EpochMillis, epochMillis, type HostKey } from '../domain/units.ts';
import type { HostRecord, OpenSpan, PortKey } from '../domain/watch-alert.ts';
import { printable } from '../report/formats/printable.ts';
import { isoTime, type TimeFormat } from '../report/formats/time.ts';
import { portKey, portOf } from './facts.ts';

/** When one port of a host was open, as one watch saw it. */
export interface PortHistory {
  readonly watch: string;
  readonly host: HostKey;
  readonly port: PortKey;
  readonly spans: readonly OpenSpan[];
}

/** The histories that a record holds, of one port or of all, in the order of the ports. */
export const historiesOf = (watch: string, { host, spans }: HostRecord, port: number | null): PortHistory[] =>
  (Object.keys(spans) as PortKey[])
    .filter((key) => port === null || portOf(key).port === port)
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .map((key) => ({ watch, host, port: key, spans: spans[key] ?? [] }));

const portWords = (key: PortKey): string => `${portOf(key).port}/${portOf(key).protocol}`;

/** A line for each time a port was open. */
export function historyText(histories: readonly PortHistory[], timeFormat: TimeFormat): string {
  return histories
    .flatMap(({ watch, host, port, spans }) => [
      `${portWords(port)} on ${printable(host)} (watch ${printable(watch)})`,
      ...spans.map(({ from, after, to, service }) => {
        const opened =
          after === null
            ? `open since before ${timeFormat(from)}`
            : `opened between ${timeFormat(after)} and ${timeFormat(from)}`;
        return `  ${opened}, ${to === null ? 'still open' : `closed by ${timeFormat(to)}`}${service === null ? '' : `: ${printable(service)}`}`;
      }),
    ])
    .map((line) => `${line}\n`)
    .join('');
}

/** The same for programs. Times are ISO 8601, in UTC. */
export const historyJson = (histories: readonly PortHistory[]) =>
  histories.map(({ watch, host, port, spans }) => ({
    watch,
    host,
    ...portOf(port),
    open: spans.map(({ from, after, to, service }) => ({
      after: after === null ? null : isoTime(after),
      from: isoTime(from),
      to: to === null ? null : isoTime(to),
      service,
    })),
  }));

/** The inverse, for clients. */
export const historiesFrom = (items: ReturnType<typeof historyJson>): PortHistory[] =>
  items.map(({ watch, host, protocol, port, open }) => ({
    watch,
    host,
    port: portKey({ protocol, port }),
    spans: open.map(({ after, from, to, service }) => ({
      after: after === null ? null : timeOf(after),
      from: timeOf(from),
      to: to === null ? null : timeOf(to),
      service,
    })),
  }));

const timeOf = (text: string): EpochMillis => epochMillis(Date.parse(text));

const ROW = 22;
const LABEL = 190;
const BARS = 600;
const MARGIN = 8;

/** A picture of it: a row a port, a bar for each time it was open, from the first of them to now. */
export function historySvg(histories: readonly PortHistory[], now: EpochMillis, timeFormat: TimeFormat): string {
  const from = Math.min(now - 1, ...histories.flatMap(({ spans }) => spans.map((span) => span.from)));
  const x = (at: number): number => Math.round((LABEL + ((at - from) / (now - from)) * BARS) * 10) / 10;
  const height = ROW * (histories.length + 1) + MARGIN;
  const rows = histories.map((history, index) => rowSvg(history, ROW * index + MARGIN, x, now));
  const bottom = height - MARGIN;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${LABEL + BARS + MARGIN}" height="${height}" font-family="monospace" font-size="12" role="img">`,
    '<title>When each port was open</title>',
    ...rows,
    `<text x="${LABEL}" y="${bottom}" fill="#666">${escaped(timeFormat(epochMillis(from)))}</text>`,
    `<text x="${LABEL + BARS}" y="${bottom}" fill="#666" text-anchor="end">${escaped(timeFormat(now))}</text>`,
    '</svg>\n',
  ].join('\n');
}

/** A label of so many characters fits before the bars. */
const LONGEST_LABEL = 25;

function rowSvg({ host, port, spans }: PortHistory, y: number, x: (at: number) => number, now: EpochMillis): string {
  const label = `${portWords(port)} ${printable(host)}`.slice(0, LONGEST_LABEL);
  const bars = spans.map(({ from, to, service }) => {
    const [left, right] = [x(from), x(to ?? now)];
    const title = service === null ? '' : `<title>${escaped(printable(service))}</title>`;
    return `<rect x="${left}" y="${y}" width="${Math.max(1, right - left).toFixed(1)}" height="14" fill="${to === null ? '#2a7' : '#89a'}">${title}</rect>`;
  });
  return [`<text x="0" y="${y + 12}">${escaped(label)}</text>`, ...bars].join('');
}

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
