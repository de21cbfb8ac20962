import { type CertificateConcern, certificateConcerns } from '../../domain/certificate-concerns.ts';
import type { Finding } from '../../domain/finding.ts';
import { plannedPorts } from '../../domain/planned-ports.ts';
import { hasPort, type PortAt, type PortSet, portSet, portsOf } from '../../domain/port-set.ts';
import type { HostReport, Report } from '../../domain/report.ts';
import type { Address } from '../../domain/units.ts';
import type { Verdict } from '../../domain/verdict.ts';

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
 * `at-most` errors what is open and not expected; `exactly` also errors what is expected and not open. A port that may
 * be open (`open|filtered`) is not called open.
 */
export type Strictness = 'at-most' | 'exactly';

export type Violation =
  | { readonly kind: 'unexpected'; readonly names: readonly string[]; readonly finding: Finding }
  /** In a scan with --tls: the certificate of the port has something to be seen to. */
  | {
      readonly kind: 'certificate';
      readonly names: readonly string[];
      readonly finding: Finding;
      readonly concerns: readonly CertificateConcern[];
    }
  | ({ readonly kind: 'missing'; readonly address: Address; readonly names: readonly string[] } & PortAt & {
        /** What the port is instead; undefined where the scan was not even to ask it. */
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

/** Everything in the report that is not as it is expected to be, in the order of the hosts. */
export async function* violations(
  report: Pick<Report, 'scan' | 'hosts'>,
  expectation: Expectation,
  strictness: Strictness,
): AsyncGenerator<Violation, void, void> {
  const unmet = new Set(expectation.rules.filter(({ scope }) => scope === 'host'));
  for await (const host of report.hosts) {
    for (const rule of unmet) if (rule.covers(host)) unmet.delete(rule);
    const expected = expectedPorts(expectation, host);
    for (const finding of host.findings) {
      if (!hasPort(expected, finding.protocol, finding.port)) yield { kind: 'unexpected', names: host.names, finding };
    }
    if (report.scan.plan.detect === 'tls') yield* faultyCertificates(host);
    if (strictness === 'exactly') yield* missing(host, expected, report.scan.plan.ports);
  }
  if (strictness === 'exactly') for (const { target } of unmet) yield { kind: 'no-such-host', target };
}

/** Whoever asks for certificates expects them to hold. */
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
