import type { Chunk } from '../domain/chunk.ts';
import { countPorts, type PortSet, portsOf } from '../domain/port-set.ts';
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
}

/**
 * Chunks for each worker where nothing but their speed holds them, so that one that is done early finds more to do.
 * Lanes with a rate take equally long, and every further chunk would only add a last wait for silent ports.
 */
const CHUNKS_PER_WORKER = 4;

/**
 * Asks a second that one worker makes without falling behind: an ask that ends in silence costs it 53 µs where that was
 * measured, so this is half of a core; the other half is the kernel's, for the packets, and everybody else's.
 */
const ASKS_PER_LANE = 10_000;

/**
 * Cuts the probe space. As few lanes ask one address as it takes to reach its rate, because each lane is held to its
 * share: lanes = rate × timeout ÷ sockets (Little's law) or what one worker's CPU is good for, at least one, at most one a
 * worker. Without a rate, every worker may join in.
 */
export function planGeometry(addressCount: number, ports: PortSet, timing: Plan['timing'], fleet: FleetSize): Geometry {
  const portCount = countPorts(ports);
  const rate = timing.ratePerTarget ?? Number.POSITIVE_INFINITY;
  const bySockets = (rate * timing.initialRttTimeout) / 1_000 / fleet.socketsPerWorker;
  const wanted = Math.ceil(Math.max(bySockets, rate / ASKS_PER_LANE));
  const lanes = Math.max(1, Math.min(wanted, fleet.workers));
  const perLane = timing.ratePerTarget === null && lanes > 1 ? CHUNKS_PER_WORKER : 1;
  const size = Math.min(fleet.maxProbesPerChunk, Math.ceil(portCount / (lanes * perLane)));
  const manyAddresses = addressCount >= lanes * perLane;
  if (portCount <= (manyAddresses ? fleet.maxProbesPerChunk : Math.min(MIN_SPLIT, fleet.maxProbesPerChunk))) {
    const balanced = Math.ceil(addressCount / (fleet.workers * CHUNKS_PER_WORKER));
    const fitting = Math.floor(fleet.maxProbesPerChunk / Math.max(1, portCount));
    const whole = Math.max(1, Math.min(balanced, fitting));
    return { addressCount, portCount, kind: 'whole', size: whole, chunks: Math.ceil(addressCount / whole), lanes: 1 };
  }
  return { addressCount, portCount, kind: 'split', size, chunks: addressCount * Math.ceil(portCount / size), lanes };
}

/** Fewer ports than this are not worth a second worker's start. */
const MIN_SPLIT = 1_024;

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

/** How many probes the scan holds. */
export const plannedProbes = ({ addressCount, portCount }: Geometry): number => addressCount * portCount;

/** The plan's addresses by index, from 0. */
export type AddressAt = (index: number) => Address;

/** Rebuilds a chunk from the plan and its number alone. */
export function buildChunk(plan: Plan, number: ChunkNumber, addressAt: AddressAt): Chunk {
  const slice = sliceOf(plan.geometry, number);
  const addresses = Array.from({ length: slice.addresses }, (_, index) => addressAt(slice.firstAddress + index));
  const ports = [...portsOf(plan.ports, slice.firstPort, slice.ports)];
  return { number, addresses, ports, size: addresses.length * ports.length, lane: slice.lane };
}

/** The seed of one chunk's shuffle: chunks of one scan must not ask their ports in step. */
export const chunkSeed = (plan: Plan, number: ChunkNumber): Seed => seed(plan.seed + Math.imul(number, 0x9e3779b1));

/**
 * The message group of a chunk. Where an address is split over chunks, or is the chunk's only one, it is `address/lane`,
 * whichever scan it belongs to: no two workers then ask it in one lane, even for two scans. Otherwise, and without a
 * rate to hold, every chunk is a group of its own.
 */
export function groupOf(plan: Plan, id: ScanId, number: ChunkNumber, addressAt: AddressAt): string {
  const { firstAddress, addresses, lane } = sliceOf(plan.geometry, number);
  const held = plan.timing.ratePerTarget !== null && addresses === 1;
  return held ? `${addressAt(firstAddress)}/${lane}` : `${id}/${number}`;
}
