import type { Chunk } from '../domain/chunk.ts';
import type { Detection } from '../domain/detection.ts';
import type { Discovery } from '../domain/discovery.ts';
import { portsOf } from '../domain/port-list.ts';
import { countPorts, type PortSet } from '../domain/port-set.ts';
import type { Geometry, Plan } from '../domain/scan.ts';
import { type Address, type ChunkNumber, type ScanId, type Seed, seed } from '../domain/units.ts';

/** What the deployment that will do the work is like. */
export interface FleetSize {
  /** Workers at once, at the most. */
  readonly workers: number;
  /** Sockets each of them may use. */
  readonly socketsPerWorker: number;
  /** Probes that one worker can settle within its time, also where all are silent. */
  readonly maxProbesPerChunk: number;
  /** Chunks that each of them has in hand from the start; left out, one after the other. */
  readonly chunksAtOnce?: number;
  /** What a probe costs each worker's share of a CPU; left out, each has a whole one. */
  readonly millisPerProbe?: number;
}

/** Chunks for each worker where nothing but their speed holds them, so that one that is done early finds more to do. */
const CHUNKS_PER_WORKER = 4;

/**
 * Probes a second that one worker sends without falling behind: one that ends in silence costs it 53 µs where that was
 * measured, so this is half of a core; the other half is for the kernel, which handles the packets, and other processes.
 */
const PROBES_PER_LANE = 10_000;

/**
 * Where hosts are looked for or services detected, most of a chunk's time is a wait for silence, whatever its size: as many
 * chunks as are worked on at once, so that they wait together.
 */
const CHUNKS_PER_WORKER_THAT_WAITS = 2;

/**
 * Whole addresses are mostly silent, and chunks of them that begin together end together: a second round would wait for the
 * last timeouts once more, with next to no socket in use. So a worker that has several in hand gets them all at once: the
 * usual ports of a /24, one host in eight alive, in 3.5 s of timeouts in place of 4.1 (see the tests).
 */
const chunksOfWorker = ({ chunksAtOnce }: FleetSize, waits: boolean): number =>
  waits ? CHUNKS_PER_WORKER_THAT_WAITS : (chunksAtOnce ?? CHUNKS_PER_WORKER);

/**
 * The same of one address. Lanes with a rate take equally long, and so do the workers that have chunks in hand from the
 * start: processes of one machine begin together. One chunk for each is enough there, and there is one last wait.
 */
function chunksOfLane({ ratePerTarget }: Plan['timing'], { chunksAtOnce }: FleetSize, detect: Detection): number {
  if (ratePerTarget !== null) return 1;
  if (detect !== 'none') return CHUNKS_PER_WORKER_THAT_WAITS;
  return chunksAtOnce === undefined ? CHUNKS_PER_WORKER : 1;
}

/** What a scan does beside its probes, as far as it decides how the probe space is cut. */
export interface BesideProbes {
  readonly discovery?: Discovery | undefined;
  readonly detect?: Detection;
}

/** What the 900 sockets of a fleet's worker are good for in the five seconds that silent addresses are waited for anyway. */
const PROBES_OF_A_WAIT = 4_096;

/**
 * Fewer ports than this are not worth a second worker: one has sent them within a quarter of a second. And a target that
 * limits what it answers is probed best by one, which finds its limit alone.
 */
const MIN_SPLIT = 4_096;

/**
 * Cuts the probe space: whole addresses, as many to a chunk as a worker can take, or each address split over several
 * chunks, where it has too many ports for one or too few neighbours to keep every worker busy.
 */
export function planGeometry(
  addressCount: number,
  ports: PortSet,
  timing: Plan['timing'],
  fleet: FleetSize,
  { discovery, detect = 'none' }: BesideProbes = {},
): Geometry {
  const portCount = countPorts(ports);
  const lanes = lanesFor(timing, fleet);
  const pieces = lanes === 1 ? 1 : lanes * chunksOfLane(timing, fleet, detect);
  const mostPorts = addressCount >= pieces ? fleet.maxProbesPerChunk : Math.min(MIN_SPLIT, fleet.maxProbesPerChunk);
  if (portCount <= mostPorts) {
    const waits = discovery !== undefined || detect !== 'none';
    const balanced = Math.ceil(addressCount / (fleet.workers * chunksOfWorker(fleet, waits)));
    const size = addressesPerChunk(addressCount, balanced, probesOfAddress(portCount, discovery), fleet, discovery);
    return { addressCount, portCount, kind: 'whole', size, chunks: Math.ceil(addressCount / size), lanes: 1 };
  }
  const size = Math.min(fleet.maxProbesPerChunk, Math.ceil(portCount / pieces));
  return { addressCount, portCount, kind: 'split', size, chunks: addressCount * Math.ceil(portCount / size), lanes };
}

/**
 * As few lanes probe one address as it takes to reach its rate, because each lane is held to its share: lanes =
 * rate × timeout ÷ sockets (Little's law) or what one worker's CPU is good for, at least one, at most one a worker.
 * Without a rate, every worker may join in.
 */
function lanesFor({ ratePerTarget, initialRttTimeout }: Plan['timing'], fleet: FleetSize): number {
  const rate = ratePerTarget ?? Number.POSITIVE_INFINITY;
  const bySockets = (rate * initialRttTimeout) / 1_000 / fleet.socketsPerWorker;
  return Math.max(1, Math.min(Math.ceil(Math.max(bySockets, rate / PROBES_PER_LANE)), fleet.workers));
}

/**
 * As many as a worker can take, and no more than leave every worker several chunks. Hosts that are looked for side by side
 * tell together what the network loses, and so how often the silent ones deserve to be tried.
 */
function addressesPerChunk(
  addressCount: number,
  balanced: number,
  probesOfEach: number,
  fleet: FleetSize,
  discovery: Discovery | undefined,
): number {
  const least = discovery ? Math.ceil(PROBES_OF_A_WAIT / Math.max(1, probesOfEach)) : 1;
  const most = Math.floor(fleet.maxProbesPerChunk / Math.max(1, probesOfEach));
  return Math.max(1, Math.min(addressCount, Math.max(balanced, least), most));
}

/** Of the addresses of a block so many have a host, at the most, where it is worth while to look for hosts first. */
const SHARE_OF_HOSTS = 1 / 4;

/** How many probes an address comes to: all its ports, unless silent addresses are left alone. */
const probesOfAddress = (portCount: number, discovery: Discovery | undefined): number =>
  discovery?.kind === 'before'
    ? Math.min(portCount, countPorts(discovery.ports) + Math.ceil(portCount * SHARE_OF_HOSTS))
    : portCount;

/** Where a chunk lies in the probe space: indexes into the plan's addresses and ports. */
interface Slice {
  readonly firstAddress: number;
  readonly addresses: number;
  readonly firstPort: number;
  readonly ports: number;
  readonly lane: number;
}

function sliceOf({ addressCount, portCount, kind, size, lanes }: Geometry, number: ChunkNumber): Slice {
  if (kind === 'whole') {
    const firstAddress = number * size;
    return {
      firstAddress,
      addresses: Math.min(size, addressCount - firstAddress),
      firstPort: 0,
      ports: portCount,
      lane: 0,
    };
  }
  const chunksPerAddress = Math.ceil(portCount / size);
  const piece = number % chunksPerAddress;
  const firstPort = piece * size;
  return {
    firstAddress: Math.floor(number / chunksPerAddress),
    addresses: 1,
    firstPort,
    ports: Math.min(size, portCount - firstPort),
    lane: piece % lanes,
  };
}

/** How many probes the chunk holds, without building it. */
export function chunkSize(geometry: Geometry, number: ChunkNumber): number {
  const slice = sliceOf(geometry, number);
  return slice.addresses * slice.ports;
}

/** Whether no later chunk probes the addresses of this one. */
export function endsItsAddresses(geometry: Geometry, number: ChunkNumber): boolean {
  const { firstPort, ports } = sliceOf(geometry, number);
  return firstPort + ports === geometry.portCount;
}

/** Chunks of one address that follow each other in a lane. */
export const chunksInLane = ({ kind, portCount, size, lanes }: Geometry): number =>
  kind === 'whole' ? 1 : Math.ceil(Math.ceil(portCount / size) / lanes);

/** How many probes the scan holds. */
export const plannedProbes = ({ addressCount, portCount }: Geometry): number => addressCount * portCount;

/** The plan's addresses by index, from 0. */
export type AddressAt = (index: number) => Address;

/** Rebuilds a chunk from the plan and its number alone. */
export function buildChunk(plan: Plan, number: ChunkNumber, addressAt: AddressAt): Chunk {
  const slice = sliceOf(plan.geometry, number);
  const addresses = Array.from({ length: slice.addresses }, (_, index) => addressAt(slice.firstAddress + index));
  const ports = portsOf(plan.ports, slice.firstPort, slice.ports);
  return { number, addresses, ports, size: addresses.length * ports.length, lane: slice.lane };
}

/** The seed of one chunk's shuffle: chunks of one scan must not probe their ports in step. */
export const chunkSeed = (plan: Plan, number: ChunkNumber): Seed => seed(plan.seed + Math.imul(number, 0x9e3779b1));

/**
 * The message group of a chunk. Where an address is split over chunks, or is the chunk's only one, it is `address/lane`,
 * whichever scan it belongs to: no two workers then probe it in one lane, even for two scans. Otherwise, and without a
 * rate to hold, every chunk is a group of its own.
 */
export function groupOf(plan: Plan, id: ScanId, number: ChunkNumber, addressAt: AddressAt): string {
  const { firstAddress, addresses, lane } = sliceOf(plan.geometry, number);
  const held = plan.timing.ratePerTarget !== null && addresses === 1;
  return held ? `${addressAt(firstAddress)}/${lane}` : `${id}/${number}`;
}
