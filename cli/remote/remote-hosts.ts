import type { PortListResource, PortResource } from '../../shared/api/resources/port-resource.ts';
import { portItemOf } from '../../shared/api/resources/port-resource.ts';
import { namesByAddress } from '../../shared/domain/address-names.ts';
import { errorValue, PortfleetError } from '../../shared/domain/errors.ts';
import type { Finding } from '../../shared/domain/finding.ts';
import { makePortRuns, type PortRuns } from '../../shared/domain/port-runs.ts';
import type { HostReport, PortRun } from '../../shared/domain/report.ts';
import type { NamesOfAddresses } from '../../shared/domain/reverse-names.ts';
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
  const names = namesByAddress(scan.names);
  let host: HostInTheMaking | null = null;
  for await (const { resource, reverseNames } of ports(readPage)) {
    const item = portItemOf(resource);
    if (!item) throw unknownVerdict(resource);
    const address = item.kind === 'run' ? item.address : item.finding.address;
    if (host && host.address !== address) {
      yield finish(host);
      host = null;
    }
    host ??= newHost(address, names.get(address) ?? []);
    for (const name of reverseNames[address] ?? []) host.found.add(name);
    if (item.kind === 'run') addRun(host, item.run);
    else addFinding(host, item.finding);
  }
  if (host) yield finish(host);
}

interface PortOfPage {
  readonly resource: PortResource;
  readonly reverseNames: NamesOfAddresses;
}

async function* ports(readPage: ReadPage): AsyncGenerator<PortOfPage, void, void> {
  for await (const { items, reverseNames = {} } of allPages(readPage)) {
    for (const resource of items) yield { resource, reverseNames };
  }
}

interface HostInTheMaking extends Omit<HostReport, 'findings' | 'runs'> {
  readonly findings: Finding[];
  readonly runs: PortRun[];
  readonly builder: PortRuns;
  /** Names that DNS has for it: each chunk of the address has its own. */
  readonly found: Set<string>;
}

const newHost = (address: Address, names: readonly string[]): HostInTheMaking => ({
  ...{ address, names, findings: [], runs: [] },
  ...{ builder: makePortRuns(), found: new Set<string>() },
});

const finish = ({ builder: _, found, ...host }: HostInTheMaking): HostReport => ({
  ...host,
  ...(found.size > 0 && { reverseNames: [...found] }),
});

function addFinding({ findings, builder }: HostInTheMaking, finding: Finding): void {
  findings.push(finding);
  builder.end();
}

function addRun({ runs, builder }: HostInTheMaking, { protocol, first, last, count, verdict }: PortRun): void {
  const begun = builder.add({ protocol, port: first }, verdict, last, count);
  if (begun) runs.push(begun);
}

function unknownVerdict(resource: PortResource): PortfleetError {
  const { state, reason } = resource;
  return new PortfleetError([
    errorValue('ANSWER_UNREADABLE', `The endpoint knows a state this command does not: ${state}/${reason}.`),
  ]);
}
