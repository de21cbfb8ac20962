import { type CertificateConcern, certificateConcerns } from '../../domain/certificate-concerns.ts';
import type { Finding } from '../../domain/finding.ts';
import { plannedPorts } from '../../domain/planned-ports.ts';
import { portsOf } from '../../domain/port-list.ts';
import { hasPort, type PortAt, type PortSet, portSet } from '../../domain/port-set.ts';
import type { HostReport, Report } from '../../domain/report.ts';
import type { Address } from '../../domain/units.ts';
import { isSettled, stateAndReason, type Verdict } from '../../domain/verdict.ts';
import { certificateWords, gapWords, hostHeadline } from '../formats/host-words.ts';
import { serviceText } from '../formats/port-lines.ts';
import { printable } from '../formats/printable.ts';
import type { TimeFormat } from '../formats/time.ts';

/*
 * Expectations: a report and the ports that may be open enter, and what is otherwise leaves, as violations.
 * `parse-expect` reads the ports of `--expect`, from its text or its file.
 */

type HostName = Pick<HostReport, 'address' | 'names'>;

/** The ports that may be open on some hosts. */
export interface ExpectRule {
  /** As the user wrote it: a name, an address, a block. */
  readonly target: string;
  /** A name or one address is closer to a host than a block or range that contains it. */
  readonly scope: 'host' | 'block';
  readonly covers: (host: HostName) => boolean;
  readonly ports: PortSet;
}

/** What may be open, and where. */
export interface Expectation {
  readonly rules: readonly ExpectRule[];
  /** For hosts that no rule covers. */
  readonly otherwise: PortSet;
}

/**
 * `at-most` reports what is open and not expected; `exactly` also reports what is expected and not open. A port that may
 * be open (`open|filtered`) is not called open.
 */
export type Strictness = 'at-most' | 'exactly';

export type Violation =
  | { readonly kind: 'unexpected'; readonly names: readonly string[]; readonly finding: Finding }
  /** In a scan with --tls: the certificate of the port needs attention. */
  | {
      readonly kind: 'certificate';
      readonly names: readonly string[];
      readonly finding: Finding;
      readonly concerns: readonly CertificateConcern[];
    }
  | ({ readonly kind: 'missing'; readonly address: Address; readonly names: readonly string[] } & PortAt & {
        /** What the port is instead; undefined where the scan did not plan it. */
        readonly verdict: Verdict | undefined;
      })
  /** No host of the scan is the one that the rule is for. */
  | { readonly kind: 'no-such-host'; readonly target: string };

/** The rules closest to the host hold; where several are equally close, their ports are added together. */
export function expectedPorts(expectation: Expectation, host: HostName): PortSet {
  const covering = expectation.rules.filter((rule) => rule.covers(host));
  const closest = covering.filter(({ scope }) => scope === 'host');
  const rules = closest.length > 0 ? closest : covering;
  if (rules.length === 0) return expectation.otherwise;
  return portSet(
    rules.flatMap(({ ports }) => ports.tcp),
    rules.flatMap(({ ports }) => ports.udp),
  );
}

/** What is expected of a scan, and how exactly. */
export interface Expected {
  readonly expectation: Expectation;
  readonly strictness: Strictness;
  /** The file that says so, as the user named it. */
  readonly file?: string;
}

/** Finds what is not as it is expected to be: of each host, and, after the last one, of those that were not there. */
export interface Judge {
  of(host: HostReport): readonly Violation[];
  atEnd(): readonly Violation[];
}

/** @param expected undefined where nothing is: then certificates alone are judged, in a scan with --tls */
export function makeJudge({ plan }: Pick<Report['scan'], 'plan'>, expected: Expected | undefined): Judge {
  const isExact = expected?.strictness === 'exactly';
  const unmet = new Set(expected?.expectation.rules.filter(({ scope }) => scope === 'host'));
  return {
    of(host) {
      for (const rule of unmet) if (rule.covers(host)) unmet.delete(rule);
      const ports = expected && expectedPorts(expected.expectation, host);
      return [
        ...(ports ? unexpected(host, ports) : []),
        ...(plan.detect === 'tls' ? faultyCertificates(host) : []),
        ...(ports && isExact ? missing(host, ports, plan.ports) : []),
      ];
    },
    atEnd: () => (isExact ? [...unmet].map(({ target }) => ({ kind: 'no-such-host', target })) : []),
  };
}

/** Everything in the report that is not as it is expected to be, in the order of the hosts. */
export async function* violations(
  report: Pick<Report, 'scan' | 'hosts'>,
  expected: Expected,
): AsyncGenerator<Violation, void, void> {
  const judge = makeJudge(report.scan, expected);
  for await (const host of report.hosts) yield* judge.of(host);
  yield* judge.atEnd();
}

function* unexpected({ names, findings }: HostReport, expected: PortSet): Generator<Violation, void, void> {
  for (const finding of findings) {
    if (!hasPort(expected, finding.protocol, finding.port)) yield { kind: 'unexpected', names, finding };
  }
}

/** A scan with --tls expects certificates to be valid. */
function* faultyCertificates({ names, findings }: HostReport): Generator<Violation, void, void> {
  for (const finding of findings) {
    const concerns = finding.tls ? certificateConcerns(finding.tls, finding.seenAt) : [];
    if (concerns.length > 0) yield { kind: 'certificate', names, finding, concerns };
  }
}

function* missing(host: HostReport, expected: PortSet, planned: PortSet): Generator<Violation, void, void> {
  const verdicts = { tcp: new Map<number, Verdict>(), udp: new Map<number, Verdict>() };
  for (const { protocol, port, verdict } of plannedPorts(host, planned)) verdicts[protocol].set(port, verdict);
  for (const at of portsOf(expected)) {
    const verdict = verdicts[at.protocol].get(at.port);
    if (verdict?.startsWith('open/')) continue;
    yield { kind: 'missing', address: host.address, names: host.names, ...at, verdict };
  }
}

/** Those ports everywhere. */
export const expectEverywhere = (ports: PortSet): Expectation => ({ rules: [], otherwise: ports });

/** One violation of `--expect` in one line, without its end. */
export const violationLine = (violation: Violation, timeFormat: TimeFormat): string =>
  `${LINE_STARTS[violation.kind]}: ${violationWords(violation, timeFormat)}`;

const LINE_STARTS = {
  unexpected: 'unexpected',
  certificate: 'certificate',
  missing: 'missing',
  'no-such-host': 'missing',
} as const satisfies Record<Violation['kind'], string>;

/** "443/tcp", or the host that was not there. */
export function violationPort(violation: Violation): string {
  if (violation.kind === 'no-such-host') return printable(violation.target);
  const { port, protocol } = violation.kind === 'missing' ? violation : violation.finding;
  return `${port}/${protocol}`;
}

/** What is wrong, without the word that its line begins with. */
export function violationWords(violation: Violation, timeFormat: TimeFormat): string {
  switch (violation.kind) {
    case 'unexpected': {
      const { finding, names } = violation;
      return `${finding.port}/${finding.protocol} is open on ${hostText(finding.address, names)}: ${serviceText(finding)}, ${timeFormat(finding.seenAt)}`;
    }
    case 'certificate': {
      const { finding, names } = violation;
      return `${finding.port}/${finding.protocol} on ${hostText(finding.address, names)}: ${printable(certificateWords(finding) ?? '')}`;
    }
    case 'missing': {
      const { port, protocol, address, names, verdict } = violation;
      return `${port}/${protocol} on ${hostText(address, names)} ${instead(verdict)}`;
    }
    case 'no-such-host':
      return `${printable(violation.target)} is no host of this scan`;
    default:
      return violation satisfies never;
  }
}

const hostText = (address: string, names: readonly string[]): string => printable(hostHeadline({ address, names }));

function instead(verdict: Verdict | undefined): string {
  if (verdict === undefined) return 'was not part of the scan';
  if (!isSettled(verdict)) return `was not probed: ${gapWords(verdict)}`;
  const { state, reason } = stateAndReason(verdict);
  return `is ${state} (${reason})`;
}
