import type { AccountAddress } from '../domain/account.ts';
import { namesByAddress } from '../domain/address-names.ts';
import { addressIndex } from '../domain/addresses/address-set.ts';
import type { Chunk } from '../domain/chunk.ts';
import { type ChunkForecast, codesOf, type ProbeTally, runsOf } from '../domain/coverage.ts';
import type { Finding } from '../domain/finding.ts';
import { makePortRuns, type PortRuns } from '../domain/port-runs.ts';
import { type PortAt, placeOfPort } from '../domain/port-set.ts';
import type { HostReport, PortRun } from '../domain/report.ts';
import type { NamesOfAddresses } from '../domain/reverse-names.ts';
import type { Scan } from '../domain/scan.ts';
import { type Address, chunkNumber } from '../domain/units.ts';
import { type Verdict, verdictCode } from '../domain/verdict.ts';
import { buildChunk } from '../plan/split-chunks.ts';
import type { ScanStore } from '../seams/scan-store.ts';
import { turn } from '../seams/turn.ts';

/** One chunk as it stands in the store. */
export interface StoredChunk {
  readonly chunk: Chunk;
  /** A verdict code a probe; an open finding outweighs whatever the coverage says of its port. */
  readonly codes: Uint8Array;
  readonly findings: readonly Finding[];
  readonly tally: ProbeTally | null;
  readonly names: NamesOfAddresses;
  readonly forecast: ChunkForecast | null;
}

/** Chunks that are read in one turn of the event loop, with up to 65,536 probes each: some 10 ms of work. */
const CHUNKS_A_TURN = 16;

/** The chunks of a scan from `first` on, one at a time. A chunk without a report is all `pending`. */
export async function* storedChunks(scan: Scan, store: ScanStore, first = 0): AsyncGenerator<StoredChunk> {
  const { at } = addressIndex(scan.plan.addresses);
  for (let number = first; number < scan.plan.geometry.chunks; number++) {
    if ((number - first) % CHUNKS_A_TURN === CHUNKS_A_TURN - 1) await turn();
    const chunk = buildChunk(scan.plan, chunkNumber(number), at);
    const coverage = await store.readCoverage(scan.id, chunk.number);
    const findings = await store.readFindings(scan.id, chunk.number);
    const codes = (coverage && codesOf(coverage.runs, chunk.size)) ?? new Uint8Array(chunk.size);
    overlay(chunk, codes, findings);
    const { tally = null, names = {}, forecast = null } = coverage ?? {};
    yield { chunk, codes, findings, tally, names, forecast };
  }
}

/**
 * A finding is written before the coverage that mentions it, and a chunk may have been probed twice with different
 * answers. An open port was open when it was seen: the finding wins.
 */
function overlay(chunk: Chunk, codes: Uint8Array, findings: readonly Finding[]): void {
  if (findings.length === 0) return;
  const addresses = new Map(chunk.addresses.map((address, index) => [address, index]));
  for (const finding of findings) {
    const { address, state, reason } = finding;
    const [host, place] = [addresses.get(address), placeOfPort(finding, chunk.ports)];
    if (host === undefined || place === undefined) continue;
    codes[host * chunk.ports.length + place] = verdictCode(`${state}/${reason}` as Verdict);
  }
}

/** A host being put together from its chunks. */
interface HostInTheMaking {
  readonly address: Address;
  readonly findings: Finding[];
  readonly runs: PortRun[];
  /** Several chunks of one address each have looked its names up. */
  readonly reverseNames: Set<string>;
  readonly builder: PortRuns;
}

/** The hosts of a scan in the order of its plan, each whole, with the chunks of one address put together again. */
export async function* hostReports(scan: Scan, store: ScanStore): AsyncGenerator<HostReport> {
  const names = namesByAddress(scan.names);
  const account = new Map((scan.account ?? []).map((each) => [each.address, each]));
  const finish = ({ address, findings, runs, reverseNames }: HostInTheMaking): HostReport => ({
    address,
    names: names.get(address) ?? [],
    ...(reverseNames.size > 0 && { reverseNames: [...reverseNames] }),
    ...importedNames(scan, address),
    ...(scan.imported?.hosts[address] && { facts: scan.imported.hosts[address] }),
    ...accountOf(account.get(address)),
    findings: findings.sort(byProtocolAndPort),
    runs,
  });
  let host: HostInTheMaking | null = null;
  for await (const { chunk, codes, findings, names: reverse } of storedChunks(scan, store)) {
    const byAddress = findingsByAddress(findings);
    for (const [index, address] of chunk.addresses.entries()) {
      if (host && host.address !== address) {
        yield finish(host);
        host = null;
      }
      host ??= { address, findings: [], runs: [], reverseNames: new Set(), builder: makePortRuns() };
      for (const name of reverse[address] ?? []) host.reverseNames.add(name);
      for (const finding of byAddress.get(address) ?? []) host.findings.push(finding);
      const start = index * chunk.ports.length;
      addRuns(host, chunk, codes.subarray(start, start + chunk.ports.length));
    }
  }
  if (host) yield finish(host);
}

const importedNames = ({ imported }: Scan, address: Address) => {
  const reverseNames = imported?.hosts[address]?.reverseNames;
  return reverseNames && { reverseNames };
};

const accountOf = (account: AccountAddress | undefined) => account && { account };

const byProtocolAndPort = (a: Finding, b: Finding): number =>
  a.protocol === b.protocol ? a.port - b.port : a.protocol < b.protocol ? -1 : 1;

function findingsByAddress(findings: readonly Finding[]): ReadonlyMap<Address, readonly Finding[]> {
  const found = new Map<Address, Finding[]>();
  for (const finding of findings) {
    const known = found.get(finding.address);
    if (known) known.push(finding);
    else found.set(finding.address, [finding]);
  }
  return found;
}

/** Appends one address's share of a chunk to the runs of its host. An open port, which is a finding, ends a run. */
function addRuns({ runs, builder }: HostInTheMaking, { ports }: Chunk, codes: Uint8Array): void {
  let at = 0;
  for (const [length, verdict] of runsOf(codes)) {
    const end = at + length;
    if (verdict.startsWith('open/')) {
      builder.end();
      at = end;
    }
    while (at < end) {
      const [first, next] = [ports[at], endOfProtocol(ports, at, end)];
      const begun = first && builder.add(first, verdict, ports[next - 1]?.port, next - at);
      if (begun) runs.push(begun);
      at = next;
    }
  }
}

/** Where the ports of one protocol end, of those from `at` to `end`: TCP comes first. */
function endOfProtocol(ports: readonly PortAt[], at: number, end: number): number {
  const protocol = ports[at]?.protocol;
  if (ports[end - 1]?.protocol === protocol) return end;
  let next = at;
  while (next < end && ports[next]?.protocol === protocol) next += 1;
  return next;
}
