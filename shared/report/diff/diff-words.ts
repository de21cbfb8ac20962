import { type Finding, speaksTls } from '../../domain/finding.ts';
import { countPorts, formatPorts, type PortSet } from '../../domain/port-set.ts';
import { type Settled, stateAndReason } from '../../domain/verdict.ts';
import { certificateWords, counted, rangesText } from '../formats/host-words.ts';
import { serviceText, versionText } from '../formats/port-lines.ts';
import { cell, printable } from '../formats/printable.ts';
import type { TimeFormat } from '../formats/time.ts';
import type { HostDiff, PortChange, StateChange } from './diff-host.ts';
import { type DiffSide, type DiffTally, isComparable } from './diff-scans.ts';

/** The change of one port, in columns for people. A scan that does not know the port has an empty column. */
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
      return words('+', change.after, 'newly open', notOpen(change.before), open(change.after));
    case 'no-longer-open':
      return words('-', change.before, 'no longer open', open(change.before), notOpen(change.after));
    case 'other-service': {
      const { before, after, what } = change;
      const text = what.includes('certificate') ? openWithCertificate : open;
      return words('~', after, differenceWords(change), text(before), text(after));
    }
    case 'open-not-known-before':
      return words('+', change.after, 'open, and not known before', '', open(change.after));
    case 'open-not-known-after':
      return words('-', change.before, 'was open, and is not in the later scan', open(change.before), '');
    default:
      return change satisfies never;
  }
}

function words(
  sign: ChangeWords['sign'],
  { port, protocol }: Finding,
  change: string,
  before: string,
  after: string,
): ChangeWords {
  return { sign, port: `${port}/${protocol}`, change, before, after };
}

/** "other service", "other version, other certificate": the name covers the product, and the product its version. */
function differenceWords({ what, after }: Extract<PortChange, { kind: 'other-service' }>): string {
  const program = (['name', 'product', 'version'] as const).find((each) => what.includes(each));
  const tls = speaksTls(after) ? 'TLS, where there was none' : 'no TLS, where there was some';
  return [
    ...(program === undefined ? [] : [program === 'name' ? 'other service' : `other ${program}`]),
    ...(what.includes('tls') ? [tls] : []),
    ...(what.includes('certificate') ? ['other certificate'] : []),
    ...(what.includes('host-key') ? ['other host key'] : []),
  ].join(', ');
}

function open(finding: Finding): string {
  const version = versionText(finding);
  return `open ${serviceText(finding)}${version === '' ? '' : ` ${version}`}`;
}

/** As many pairs of hexadecimal digits tell two certificates apart. */
const FINGERPRINT_START = 'AB:CD:EF:01'.length;

function openWithCertificate(finding: Finding): string {
  const certificate = finding.tls?.certificate;
  const fingerprint = printable(certificate?.fingerprint.slice(0, FINGERPRINT_START) ?? '');
  return `${open(finding)}, ${cell(certificateWords(finding) ?? '', 64)} (SHA-256 ${fingerprint}…)`;
}

function notOpen(verdict: Settled): string {
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
  appeared: 'The host is up, and the earlier scan does not have it.',
  vanished: 'The host was up, and the later scan does not have it.',
  same: undefined,
  unknown: undefined,
} as const satisfies Record<HostDiff['presence'], string | undefined>;

const WHICH_SCAN = {
  before: 'only the earlier scan probed them',
  after: 'only the later scan probed them',
  neither: 'neither scan settled them',
} as const satisfies Record<keyof HostDiff['notCompared'], string>;

/** What could not be compared on a host, a line each: "1001-65535 (only the earlier scan probed them)". */
export function notComparedWords({ kind, presence, notCompared, openBefore }: HostDiff): string[] {
  const lost = countPorts(openBefore) > 0 ? [`${portsText(openBefore)} ${WAS_OPEN}`] : [];
  if (kind !== 'both') {
    const scan = kind === 'only-before' ? 'the earlier' : 'the later';
    return presence === 'unknown' ? [`only ${scan} scan has this host`, ...lost] : lost;
  }
  const parts = (['before', 'after', 'neither'] as const).flatMap((who) =>
    countPorts(notCompared[who]) === 0 ? [] : [`${portsText(notCompared[who])} (${WHICH_SCAN[who]})`],
  );
  return [...parts, ...lost];
}

const WAS_OPEN = 'was open, and the later scan did not probe it';

function portsText(ports: PortSet): string {
  const isShort = ports.tcp.length + ports.udp.length <= MOST_RANGES;
  return isShort ? formatPorts(ports) : counted(countPorts(ports), 'port');
}

/** "scan 01KA… of 2026-11-22 14:20:08 UTC". */
export const sideWords = ({ label, scan }: Omit<DiffSide, 'hosts'>, timeFormat: TimeFormat): string =>
  `${printable(label)} of ${timeFormat(scan.submittedAt)}`;

/** What it comes to, in two sentences without their full stops. */
export function tallyWords(tally: DiffTally): string[] {
  const ports = counts('port', [
    [tally.newlyOpen, 'newly open'],
    [tally.openNotKnownBefore, 'open, and not known before'],
    [tally.noLongerOpen, 'no longer open'],
    [tally.openNotKnownAfter, 'no longer listed as open'],
    [tally.otherService, 'with another service'],
    [tally.otherState, 'closed or filtered in another way'],
  ]);
  const hosts = counts('host', [
    [tally.came, 'began to answer'],
    [tally.went, 'ceased to answer'],
    [tally.appeared, 'up, and not in the earlier scan'],
    [tally.vanished, 'not in the later scan any more'],
  ]);
  const notCompared = [
    ...(tally.notCompared > 0 ? [counted(tally.notCompared, 'port')] : []),
    ...(tally.hostsNotCompared > 0 ? [`${counted(tally.hostsNotCompared, 'host')} of one scan alone`] : []),
  ];
  const found = [...ports, ...hosts];
  return [
    found.length > 0 ? found.join(', ') : nothingWords(tally),
    `Compared ${counted(tally.compared, 'port')} of ${counted(tally.hosts, 'host')}${notCompared.length === 0 ? '' : `; not compared: ${notCompared.join(' and ')}`}`,
  ];
}

const counts = (one: string, all: readonly (readonly [number, string])[]): string[] =>
  all.flatMap(([count, what]) => (count === 0 ? [] : [`${counted(count, one)} ${what}`]));

function nothingWords(tally: DiffTally): string {
  if (isComparable(tally)) return 'Nothing is different';
  return tally.openNotCompared > 0
    ? `Nothing is known to be different, but ${counted(tally.openNotCompared, 'port')} that ${tally.openNotCompared === 1 ? 'was' : 'were'} open could not be compared`
    : 'Nothing could be compared';
}
