import type { Finding } from '../../domain/finding.ts';
import { countPorts, formatPorts } from '../../domain/port-set.ts';
import { type Settled, stateAndReason } from '../../domain/verdict.ts';
import { counted, rangesText } from '../formats/host-words.ts';
import { serviceText } from '../formats/port-lines.ts';
import { printable } from '../formats/printable.ts';
import type { TimeFormat } from '../formats/time.ts';
import type { HostDiff, PortChange, StateChange } from './diff-host.ts';
import type { DiffItem, DiffSide, DiffTally } from './diff-scans.ts';

/** The change of one port, in columns for people. */
export interface ChangeWords {
  readonly sign: '+' | '-' | '~';
  readonly port: string;
  readonly change: string;
  readonly before: string;
  readonly after: string;
}

export function changeWords(change: PortChange): ChangeWords {
  switch (change.kind) {
    case 'newly-open':
      return {
        sign: '+',
        ...portOf(change.after),
        change: 'newly open',
        before: seen(change.before),
        after: open(change.after),
      };
    case 'no-longer-open':
      return {
        sign: '-',
        ...portOf(change.before),
        change: 'no longer open',
        before: open(change.before),
        after: seen(change.after),
      };
    case 'other-service':
      return {
        sign: '~',
        ...portOf(change.after),
        change: 'other service',
        before: open(change.before),
        after: open(change.after),
      };
    default:
      return change satisfies never;
  }
}

const portOf = ({ port, protocol }: Finding): { port: string } => ({ port: `${port}/${protocol}` });
const open = (finding: Finding): string => `open ${serviceText(finding)}`;

function seen(verdict: Settled): string {
  const { state, reason } = stateAndReason(verdict);
  return `${state} (${reason})`;
}

/** A longer list of ranges becomes a number; the JSON has it whole. */
const MOST_RANGES = 40;

/** The ports of a change of state, which may be many. */
export const stateChangePorts = (change: StateChange): string =>
  change.ranges.length <= MOST_RANGES ? rangesText(change) : counted(change.count, `${change.protocol} port`);

export const PRESENCE_WORDS = {
  came: 'The host began to answer.',
  went: 'The host ceased to answer.',
  same: undefined,
} as const satisfies Record<HostDiff['presence'], string | undefined>;

const WHICH_SCAN = {
  before: 'only the earlier scan asked',
  after: 'only the later scan asked',
  neither: 'neither scan asked to the end',
} as const satisfies Record<keyof HostDiff['notCompared'], string>;

/** What could not be compared on a host, a line each: "1001-65535 (only the earlier scan asked)". */
export function notComparedWords({ notCompared }: HostDiff): string[] {
  return (['before', 'after', 'neither'] as const).flatMap((who) => {
    const ports = notCompared[who];
    const count = countPorts(ports);
    if (count === 0) return [];
    const isShort = ports.tcp.length + ports.udp.length <= MOST_RANGES;
    return [`${isShort ? formatPorts(ports) : counted(count, 'port')} (${WHICH_SCAN[who]})`];
  });
}

export const onlyWords = (item: Exclude<DiffItem, { kind: 'both' }>): string =>
  item.kind === 'only-before' ? WHICH_SCAN.before : WHICH_SCAN.after;

/** "scan 01KA… of 2026-11-22 14:20:08 UTC". */
export const sideWords = ({ label, scan }: Omit<DiffSide, 'hosts'>, timeFormat: TimeFormat): string =>
  `${printable(label)} of ${timeFormat(scan.submittedAt)}`;

/** What it comes to, in two sentences without their full stops. */
export function tallyWords(tally: DiffTally): string[] {
  const differences = [
    [tally.newlyOpen, 'newly open'],
    [tally.noLongerOpen, 'no longer open'],
    [tally.otherService, 'with another service'],
    [tally.otherState, 'closed or filtered in another way'],
  ] as const;
  const ports = differences.flatMap(([count, what]) => (count === 0 ? [] : [`${counted(count, 'port')} ${what}`]));
  if (tally.came > 0) ports.push(`${counted(tally.came, 'host')} began to answer`);
  if (tally.went > 0) ports.push(`${counted(tally.went, 'host')} ceased to answer`);
  const notCompared = [
    ...(tally.notCompared > 0 ? [counted(tally.notCompared, 'port')] : []),
    ...(tally.hostsNotCompared > 0 ? [`${counted(tally.hostsNotCompared, 'host')} of one scan alone`] : []),
  ];
  return [
    ports.length === 0 ? 'Nothing is different' : ports.join(', '),
    `Compared ${counted(tally.compared, 'port')} of ${counted(tally.hosts, 'host')}${notCompared.length === 0 ? '' : `; not compared: ${notCompared.join(' and ')}`}`,
  ];
}
