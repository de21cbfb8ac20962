import type { PortListResource, PortResource } from '../../shared/api/resources/port-resource.ts';
import { portItemOf } from '../../shared/api/resources/port-resource.ts';
import { errorValue, PortfleetError } from '../../shared/domain/errors.ts';
import type { Finding } from '../../shared/domain/finding.ts';
import type { HostReport, PortRun } from '../../shared/domain/report.ts';
import type { Scan } from '../../shared/domain/scan.ts';
import type { Address } from '../../shared/domain/units.ts';
import { allPages } from './api-client.ts';

/** Reads one page of ports; null for the first. */
export type ReadPage = (cursor: string | null) => Promise<PortListResource>;

/**
 * The hosts of a scan, put together from pages of ports as they come: one host is held at a time. The pages keep the
 * order of the plan, so the ports of a host stand together, and a run that a chunk's end has cut is made whole.
 */
export async function* remoteHosts(scan: Scan, readPage: ReadPage): AsyncGenerator<HostReport, void, void> {
  const names = (address: Address): string[] =>
    scan.names.flatMap((each) => (each.addresses.includes(address) ? [each.name] : []));
  let host: HostInTheMaking | null = null;
  for await (const resource of ports(readPage)) {
    const item = portItemOf(resource);
    if (!item) throw unknownVerdict(resource);
    const address = item.kind === 'run' ? item.address : item.finding.address;
    if (host && host.address !== address) {
      yield finish(host);
      host = null;
    }
    host ??= { address, names: names(address), findings: [], runs: [], current: null };
    if (item.kind === 'run') addRun(host, item.run);
    else addFinding(host, item.finding);
  }
  if (host) yield finish(host);
}

async function* ports(readPage: ReadPage): AsyncGenerator<PortResource, void, void> {
  for await (const { items } of allPages(readPage)) yield* items;
}

interface HostInTheMaking extends Omit<HostReport, 'findings' | 'runs'> {
  readonly findings: Finding[];
  readonly runs: PortRun[];
  /** The run that the next may still join; an open port ends it. */
  current: PortRun | null;
}

const finish = ({ current: _, ...host }: HostInTheMaking): HostReport => host;

function addFinding(host: HostInTheMaking, finding: Finding): void {
  host.findings.push(finding);
  host.current = null;
}

function addRun(host: HostInTheMaking, run: PortRun): void {
  const { current } = host;
  if (current?.protocol === run.protocol && current.verdict === run.verdict) {
    host.current = { ...current, last: run.last, count: current.count + run.count };
    host.runs[host.runs.length - 1] = host.current;
  } else {
    host.current = run;
    host.runs.push(run);
  }
}

function unknownVerdict(resource: PortResource): PortfleetError {
  const { state, reason } = resource;
  return new PortfleetError([
    errorValue('ANSWER_UNREADABLE', `The endpoint knows a state this command does not: ${state}/${reason}.`),
  ]);
}
