import type { EpochMillis } from '../domain/units.ts';
import type { Fact, OpenSpan, PortKey, ServiceFact } from '../domain/watch-alert.ts';

export type Spans = Readonly<Partial<Record<PortKey, readonly OpenSpan[]>>>;

/** Of a port that opens and closes with every run, so many spans are kept, the latest. */
const MOST_SPANS = 64;

/** A service in one line: "http nginx 1.24.0". */
export const serviceWords = ({ name, product, version }: ServiceFact): string =>
  [name, product, version].filter((part) => part !== null).join(' ');

const serviceOf = (fact: Fact): string | null =>
  fact.kind === 'port' && fact.state === 'open' && fact.service ? serviceWords(fact.service) : null;

/** The port became another: an open span ends where it was open, and a new one begins where it is. */
export function withPortChange(
  spans: Spans,
  key: PortKey,
  {
    after,
    since,
    otherwiseAt,
  }: { readonly after: Fact; readonly since: EpochMillis; readonly otherwiseAt: EpochMillis | null },
): Spans {
  const ended = endOpen(spans[key] ?? [], since);
  const next =
    after.state === 'open'
      ? [...ended, { from: since, after: otherwiseAt, to: null, service: serviceOf(after) }]
      : ended;
  return { ...spans, [key]: next.slice(-MOST_SPANS) };
}

/** The port is not scanned any more. */
export const withoutPort = (spans: Spans, key: PortKey, at: EpochMillis): Spans =>
  spans[key] === undefined ? spans : { ...spans, [key]: endOpen(spans[key], at) };

const endOpen = (spans: readonly OpenSpan[], at: EpochMillis): OpenSpan[] =>
  spans.map((span) => (span.to === null ? { ...span, to: at } : span));
