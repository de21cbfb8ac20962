import { UNPROBED_WORDS, type UnprobedCause } from '../domain/verdict.ts';
import type { Fact, PortKey, WatchChange } from '../domain/watch-alert.ts';
import type { WatchMessage } from '../domain/watch-message.ts';
import { counted } from '../report/formats/host-words.ts';
import { printable } from '../report/formats/printable.ts';
import { clockFormat, type TimeFormat } from '../report/formats/time.ts';
import { portOf, portOfSubject } from './facts.ts';
import { serviceWords } from './open-spans.ts';

/** One thing that a message tells, in a line for people. */
export interface MessageLine {
  /** `!` to be seen to, `+` opened or came, `-` closed or went, `~` became another, `=` is again as it should be. */
  readonly sign: '!' | '+' | '-' | '~' | '=';
  readonly text: string;
  /** What `portfleet watch ack` takes. */
  readonly alert: string;
}

/** A mail or a chat with more lines is not read; the rest is counted. */
const MOST_LINES = 20;

/** The subject of a mail, the first line anywhere else. Printable. */
export function messageTitle(message: WatchMessage): string {
  const { kind, watch, count, changes, failure } = message;
  const name = `[${printable(watch.name)}]`;
  switch (kind) {
    case 'changes':
      return `${name} ${counted(count - foldsOf(changes).hidden.size, 'change')}`;
    case 'failure':
      return `${name} The watch could not look: ${printable(failure ?? '')}`;
    case 'recovered':
      return `${name} The watch can look again.`;
    case 'test':
      return `${name} This is a test: the receiver works.`;
    default:
      return kind satisfies never;
  }
}

/** The whole message for people: a line for each thing, the worst first, and where there is more. */
export function messageText(message: WatchMessage): string {
  const timeFormat = clockFormat('UTC');
  const lines = messageLines(message, timeFormat);
  const shown = lines.slice(0, MOST_LINES).map(({ sign, text, alert }) => `${sign} ${text} [${alert}]`);
  const left = message.count - message.changes.length + lines.length - shown.length;
  return [
    messageTitle(message),
    `Run ${message.run}, ${timeFormat(message.at)}${message.scan ? `, scan ${message.scan}` : ''}`,
    ...shown,
    ...(left > 0 ? [`and ${left} more: portfleet watch show ${printable(message.watch.name)}`] : []),
    '',
  ].join('\n');
}

/** The changes, with what belongs together in one line. */
export function messageLines({ changes }: WatchMessage, timeFormat: TimeFormat): MessageLine[] {
  const folds = foldsOf(changes);
  return changes
    .filter((change) => !folds.hidden.has(change.id))
    .map((change) => {
      const { sign, words } = changeWords(change, folds.evidence.get(change.id) ?? []);
      return { sign, text: `${words}, ${sinceWords(change, timeFormat)}`, alert: change.id.split('-', 1)[0] ?? '' };
    });
}

interface Folds {
  /** Changes that another line tells along. */
  readonly hidden: ReadonlySet<string>;
  /** What was folded into a change. */
  readonly evidence: ReadonlyMap<string, readonly WatchChange[]>;
}

/** A port that is not as expected did not also open, and a host that came or went did so with its ports. */
function foldsOf(changes: readonly WatchChange[]): Folds {
  const hidden = new Set<string>();
  const evidence = new Map<string, WatchChange[]>();
  for (const change of changes) {
    if (change.after.kind !== 'port') continue;
    const whole = changes.find((other) => other.host === change.host && tellsAlong(other, change));
    if (!whole) continue;
    hidden.add(change.id);
    evidence.set(whole.id, [...(evidence.get(whole.id) ?? []), change]);
  }
  return { hidden, evidence };
}

function tellsAlong(whole: WatchChange, { subject, after }: WatchChange): boolean {
  if (whole.after.kind === 'expectation') return portOfSubject(whole.subject) === portOfSubject(subject);
  return whole.after.kind === 'host' && (whole.after.state === 'up') === (after.state === 'open');
}

interface ChangeWords {
  readonly sign: MessageLine['sign'];
  readonly words: string;
}

function changeWords(change: WatchChange, evidence: readonly WatchChange[]): ChangeWords {
  const { after, before } = change;
  const port = portText(change);
  switch (after.kind) {
    case 'port':
      if (after.state === 'shut') return { sign: '-', words: `${port} closed (was open${serviceText(before)})` };
      if (before.state === 'open')
        return { sign: '~', words: `${port} is another service:${serviceText(after)}, before${serviceText(before)}` };
      return { sign: change.isBack ? '=' : '+', words: `${port} opened${serviceText(after)}` };
    case 'expectation':
      return expectationWords(after.state, port, evidence);
    case 'host':
      return after.state === 'up'
        ? { sign: '+', words: `${hostText(change)} appeared${portsWords(evidence, 'open')}` }
        : { sign: '-', words: `${hostText(change)} does not answer any more${portsWords(evidence, 'was open')}` };
    case 'certificate':
      return {
        sign: after.state === 'fine' ? '=' : '!',
        words: `the certificate of ${port} ${certificateWords(after)}`,
      };
    case 'probing':
      return after.state === 'probed'
        ? { sign: '=', words: `${hostText(change)} can be probed again` }
        : {
            sign: '!',
            words: `${hostText(change)} could not be probed: ${counted(after.ports, 'port')}, ${causeText(after.cause)}`,
          };
    default:
      return after satisfies never;
  }
}

function expectationWords(
  state: 'met' | 'unexpected' | 'missing',
  port: string,
  evidence: readonly WatchChange[],
): ChangeWords {
  const [seen] = evidence;
  if (state === 'met') return { sign: '=', words: `${port} is as expected again` };
  if (state === 'missing') return { sign: '!', words: `${port} is not open, and should be` };
  return { sign: '!', words: `${port} is open and not expected${seen ? serviceText(seen.after) : ''}` };
}

const hostText = ({ host, address }: WatchChange): string =>
  printable(address === null || `${host}` === `${address}` ? host : `${host} (${address})`);

function portText(change: WatchChange): string {
  const key = portOfSubject(change.subject);
  return key === undefined ? hostText(change) : `${portWords(key)} on ${hostText(change)}`;
}

function portWords(key: PortKey): string {
  const { protocol, port } = portOf(key);
  return `${port}/${protocol}`;
}

const serviceText = (fact: Fact): string =>
  fact.kind === 'port' && fact.state === 'open' && fact.service ? ` ${printable(serviceWords(fact.service))}` : '';

/** Of the ports of a host that came or went, so many are named. */
const MOST_PORTS = 8;

function portsWords(evidence: readonly WatchChange[], what: string): string {
  const ports = evidence.flatMap(({ subject }) => portOfSubject(subject) ?? []);
  if (ports.length === 0) return '';
  const more = ports.length > MOST_PORTS ? ` and ${ports.length - MOST_PORTS} more` : '';
  return `, ${what}: ${ports.slice(0, MOST_PORTS).map(portWords).join(', ')}${more}`;
}

function certificateWords({ state, validTo }: Extract<Fact, { kind: 'certificate' }>): string {
  const end = validTo === null ? '' : ` (${new Date(Math.min(validTo, LAST_DAY)).toISOString().slice(0, 10)})`;
  switch (state) {
    case 'fine':
      return `holds for more than 30 days again${end}`;
    case 'expired':
      return `has expired${end}`;
    case '1-day':
      return `expires within a day${end}`;
    case '7-days':
    case '14-days':
    case '30-days':
      return `expires within ${state.slice(0, -'-days'.length)} days${end}`;
    default:
      return state satisfies never;
  }
}

/** A certificate may claim any end; beyond the year 9999 an ISO date is no longer of ten characters. */
const LAST_DAY = Date.UTC(9999, 11, 31);

const causeText = (cause: string): string => UNPROBED_WORDS[cause as UnprobedCause] ?? 'the scan did not come to them';

const sinceWords = ({ since, otherwiseAt }: WatchChange, timeFormat: TimeFormat): string =>
  otherwiseAt === null
    ? `seen ${timeFormat(since)}`
    : `seen ${timeFormat(since)}, otherwise at ${timeFormat(otherwiseAt)}`;
