import { NO_PROBES } from '../../shared/domain/coverage.ts';
import type { Finding } from '../../shared/domain/finding.ts';
import { countPorts, type PortSet, portSet } from '../../shared/domain/port-set.ts';
import type { Protocol } from '../../shared/domain/probe.ts';
import type { HostReport, PortRun, Report } from '../../shared/domain/report.ts';
import type { Scan, ScanSummary } from '../../shared/domain/scan.ts';
import { TIMING_TEMPLATES } from '../../shared/domain/timing-template.ts';
import { type Address, epochMillis, millis, type PortNumber, type ScanId, seed } from '../../shared/domain/units.ts';
import { isSettled, isUnprobed, type Verdict } from '../../shared/domain/verdict.ts';
import type { FormatOptions } from '../../shared/report/formats/sections.ts';

export const SUBMITTED_AT = epochMillis(Date.UTC(2026, 10, 22, 14, 20, 8, 123));

export const OPTIONS: FormatOptions = {
  openOnly: false,
  timeZone: 'UTC',
  args: 'portfleet scan localhost',
  version: '0.1.0',
  now: epochMillis(SUBMITTED_AT + 20_000),
};

export const port = (value: number): PortNumber => value as PortNumber;

export function finding(address: string, number: number, more: Partial<Finding> = {}): Finding {
  return {
    address: address as Address,
    protocol: 'tcp',
    port: port(number),
    state: 'open',
    reason: more.protocol === 'udp' ? 'udp-response' : 'syn-ack',
    service: { name: 'unavailable', method: 'table' },
    seenAt: epochMillis(SUBMITTED_AT + number),
    rtt: millis(0.131),
    attempt: 1,
    ...more,
  };
}

export const run = (
  first: number,
  last: number,
  verdict: Verdict,
  protocol: Protocol = 'tcp',
  count = last - first + 1,
): PortRun => ({
  protocol,
  first: port(first),
  last: port(last),
  count,
  verdict,
});

export const host = (address: string, more: Partial<Omit<HostReport, 'address'>> = {}): HostReport => ({
  address: address as Address,
  names: [],
  findings: [],
  runs: [],
  ...more,
});

export const tcp = (...ranges: [number, number][]): PortSet =>
  portSet(
    ranges.map(([first, last]) => [port(first), port(last)]),
    [],
  );

/** Counts what the hosts hold, as the aggregator would. */
export function summaryOf(hosts: readonly HostReport[]): ScanSummary {
  const settled: Partial<Record<string, number>> = {};
  const unprobed: Partial<Record<string, number>> = {};
  let pending = 0;
  let planned = 0;
  const add = (verdict: Verdict, count: number): void => {
    planned += count;
    if (isSettled(verdict)) settled[verdict] = (settled[verdict] ?? 0) + count;
    else if (isUnprobed(verdict)) unprobed[verdict] = (unprobed[verdict] ?? 0) + count;
    else pending += count;
  };
  for (const { findings, runs } of hosts) {
    for (const { state, reason } of findings) add(`${state}/${reason}` as Verdict, 1);
    for (const { verdict, count } of runs) add(verdict, count);
  }
  return { planned, settled, unprobed, pending, tally: NO_PROBES, anomalies: [], duration: millis(16_141.69) };
}

async function* each(hosts: readonly HostReport[]): AsyncGenerator<HostReport> {
  yield* hosts;
}

/** A report of these hosts, as a finished scan of `ports` on all of them. */
export function report(
  hosts: readonly HostReport[],
  ports: PortSet,
  more: { scan?: Partial<Scan>; summary?: Partial<ScanSummary> } = {},
): Report {
  const summary = { ...summaryOf(hosts), ...more.summary };
  const scan: Scan = {
    id: '01KAB3X5J2V6Q0M8N4T7R9W1YZ' as ScanId,
    status: 'complete',
    request: { targets: hosts.map(({ address }) => address), exclude: [], ports: '' },
    names: hosts.flatMap(({ address, names }) => names.map((name) => ({ name, addresses: [address] }))),
    plan: {
      addresses: hosts.map(({ address }) => ({ first: address, last: address })),
      ports,
      seed: seed(1),
      timing: TIMING_TEMPLATES.T3,
      socketsPerWorker: null,
      detect: 'none',
      geometry: {
        addressCount: hosts.length,
        portCount: countPorts(ports),
        kind: 'whole',
        size: 1,
        chunks: hosts.length,
        lanes: 1,
      },
    },
    submittedAt: SUBMITTED_AT,
    finishedAt: epochMillis(SUBMITTED_AT + 16_142),
    summary,
    ...more.scan,
  };
  return { scan, summary, hosts: each(hosts) };
}

/** All of the text. */
export async function whole(pieces: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const piece of pieces) text += piece;
  return text;
}
