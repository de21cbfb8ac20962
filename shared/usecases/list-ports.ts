import { compareAddresses } from '../domain/addresses/address-line.ts';
import { addressIndex } from '../domain/addresses/address-set.ts';
import { type Chunk, probeAt } from '../domain/chunk.ts';
import type { Finding } from '../domain/finding.ts';
import { makePortRuns } from '../domain/port-runs.ts';
import type { Probe } from '../domain/probe.ts';
import type { PortRun } from '../domain/report.ts';
import type { NamesOfAddresses } from '../domain/reverse-names.ts';
import type { Scan } from '../domain/scan.ts';
import { type Address, chunkNumber } from '../domain/units.ts';
import { isSettled, isUnprobed, type PortState, stateAndReason } from '../domain/verdict.ts';
import { buildChunk } from '../plan/split-chunks.ts';
import type { ScanStore } from '../seams/scan-store.ts';
import { type StoredChunk, storedChunks } from './host-reports.ts';

/** What a port can be listed under: its state, or why it has none. */
export type Listing = PortState | 'unprobed' | 'pending';

/** An open port, or neighbours of one address with one verdict. Runs end with their chunk. */
export type PortItem =
  | { readonly kind: 'finding'; readonly finding: Finding }
  | { readonly kind: 'run'; readonly address: Address; readonly run: PortRun };

/** Where a page begins: a probe, by its chunk and its offset in it. */
export interface PortCursor {
  readonly chunk: number;
  readonly offset: number;
}

export interface PortsPage {
  readonly items: readonly PortItem[];
  /** Null on the last page. */
  readonly next: PortCursor | null;
  /** The names that DNS has for addresses of this page; of open ports alone they are not read. */
  readonly reverseNames: NamesOfAddresses;
}

export interface PortsWanted {
  /** Null for all. */
  readonly listings: ReadonlySet<Listing> | null;
  readonly from: PortCursor;
  readonly limit: number;
}

/** Reads that one page may cost; at some 4 ms each on DynamoDB a second. A page may so be short, or empty, and not the last. */
export const CHUNKS_PER_PAGE = 256;

/** Probes that one page may look at: a second's work. */
const PROBES_PER_PAGE = 2 ** 22;

/** Characters of banners on one page; escaped in JSON they take six times as many bytes, 3 MB. */
const BANNERS_PER_PAGE = 2 ** 19;

/**
 * The ports of a scan, in the order of its plan, from a cursor on. Whoever reads page after page reads each port once,
 * also while the scan runs: a cursor names a probe, and what is found out meanwhile moves no probe.
 */
export async function listPorts(
  scan: Scan,
  store: ScanStore,
  { listings, from, limit }: PortsWanted,
): Promise<PortsPage> {
  const items: PortItem[] = [];
  let reverseNames: NamesOfAddresses = {};
  const { chunks } = scan.plan.geometry;
  const end = Math.min(chunks, from.chunk + chunksPerPage(scan));
  let bannersLeft = BANNERS_PER_PAGE;
  for (let chunk = from.chunk; chunk < end; chunk++) {
    const start = chunk === from.chunk ? from.offset : 0;
    const read = await itemsOf(scan, store, chunk, start, listings);
    reverseNames = { ...reverseNames, ...read.names };
    for (const { offset, item } of read.placed) {
      if (items.length >= limit || bannersLeft <= 0) return { items, next: { chunk, offset: offset() }, reverseNames };
      items.push(item);
      if (item.kind === 'finding') bannersLeft -= item.finding.banner?.length ?? 0;
    }
  }
  return { items, next: end < chunks ? { chunk: end, offset: 0 } : null, reverseNames };
}

function chunksPerPage({ plan: { geometry } }: Scan): number {
  const probes = geometry.kind === 'whole' ? geometry.size * geometry.portCount : geometry.size;
  return Math.max(1, Math.min(CHUNKS_PER_PAGE, Math.floor(PROBES_PER_PAGE / probes)));
}

/** An item, and the probe that it begins with. */
interface Placed {
  readonly item: PortItem;
  readonly offset: () => number;
}

interface PlacedItems {
  readonly placed: readonly Placed[];
  readonly names: NamesOfAddresses;
}

async function itemsOf(
  scan: Scan,
  store: ScanStore,
  number: number,
  start: number,
  listings: ReadonlySet<Listing> | null,
): Promise<PlacedItems> {
  // Open ports are all findings: one read instead of two, and most often no chunk to rebuild.
  if (listings?.size === 1 && listings.has('open'))
    return { placed: await openPorts(scan, store, number, start), names: {} };
  for await (const stored of storedChunks(scan, store, number)) {
    const placed = itemsOfChunk(stored, start).filter(({ item }) => listings?.has(listingOf(item)) ?? true);
    return { placed, names: stored.names };
  }
  return { placed: [], names: {} };
}

async function openPorts(scan: Scan, store: ScanStore, number: number, start: number): Promise<readonly Placed[]> {
  const findings = [...(await store.readFindings(scan.id, chunkNumber(number)))].sort(byAddress);
  let offsets: ((finding: Finding) => number) | undefined;
  const offsetOf = (finding: Finding): number => {
    offsets ??= probeOffsets(buildChunk(scan.plan, chunkNumber(number), addressIndex(scan.plan.addresses).at));
    return offsets(finding);
  };
  const rest = start === 0 ? findings : findings.filter((finding) => offsetOf(finding) >= start);
  return rest.map((finding) => ({ item: { kind: 'finding', finding }, offset: () => offsetOf(finding) }));
}

function probeOffsets({ addresses, ports }: Chunk): (finding: Finding) => number {
  const hosts = new Map(addresses.map((address, host) => [address, host]));
  return (finding) => (hosts.get(finding.address) ?? 0) * ports.length + (ports.placeOf(finding) ?? 0);
}

const keyOf = ({ address, protocol, port }: Probe): string => `${address} ${protocol}/${port}`;

/** The ports of one address are in order as the store gives them. */
const byAddress = (a: Finding, b: Finding): number =>
  a.address === b.address ? 0 : compareAddresses(a.address, b.address);

function listingOf(item: PortItem): Listing {
  if (item.kind === 'finding') return item.finding.state;
  const { verdict } = item.run;
  if (isSettled(verdict)) return stateAndReason(verdict).state;
  return isUnprobed(verdict) ? 'unprobed' : 'pending';
}

/** The items of a chunk from the probe at `start` on; an open port ends the run before it. */
function itemsOfChunk({ chunk, runs, findings }: StoredChunk, start: number): Placed[] {
  const known = new Map(findings.map((finding) => [keyOf(finding), finding]));
  const placed: Placed[] = [];
  const portRuns = makePortRuns();
  let begin = 0;
  for (const [length, verdict] of runs) {
    const end = begin + length;
    for (let at = Math.max(begin, start); at < end; at++) {
      const probe = probeAt(chunk, at);
      if (!probe) break;
      if (at % chunk.ports.length === 0) portRuns.end();
      const finding = verdict.startsWith('open/') ? known.get(keyOf(probe)) : undefined;
      if (finding) {
        placed.push({ item: { kind: 'finding', finding }, offset: () => at });
        portRuns.end();
        continue;
      }
      const run = portRuns.add(probe, verdict);
      if (run) placed.push({ item: { kind: 'run', address: probe.address, run }, offset: () => at });
    }
    begin = end;
  }
  return placed;
}
