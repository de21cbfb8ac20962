import type { ChunkResource } from '../../shared/api/resources/chunk-resource.ts';
import type { FindingResource } from '../../shared/api/resources/port-resource.ts';
import { type AddressIndex, addressIndex } from '../../shared/domain/addresses/address-set.ts';
import type { Protocol } from '../../shared/domain/probe.ts';
import type { NamesOfAddresses } from '../../shared/domain/reverse-names.ts';
import type { Plan } from '../../shared/domain/scan.ts';
import { type Address, chunkNumber } from '../../shared/domain/units.ts';
import { buildChunk } from '../../shared/plan/split-chunks.ts';
import { cellCode, cellStateOf } from './states.ts';

/** One chunk as the page holds it: a byte for each probe, address by address, and the open ports. */
export interface ChunkCells {
  readonly number: number;
  readonly pending: number;
  readonly addresses: readonly Address[];
  /** The ports of each address, in the order of the plan; see `portKey`. */
  readonly ports: Uint32Array;
  /** Cell codes: `addresses × ports`. */
  readonly codes: Uint8Array;
  readonly open: readonly FindingResource[];
  readonly openLeftOut: number;
  /** The names that DNS has for addresses with open ports. */
  readonly reverseNames: NamesOfAddresses;
}

/** A port and its protocol in one number, so that the ports of a chunk are 4 bytes each and sort by protocol first. */
export const portKey = (protocol: Protocol, port: number): number => (protocol === 'udp' ? 65_536 : 0) + port;
export const protocolOf = (key: number): Protocol => (key >= 65_536 ? 'udp' : 'tcp');
export const portOf = (key: number): number => key & 0xff_ff;

/** Makes cells of what the API tells of chunks. Chunks of whole addresses share one list of ports. */
export function makeCellBuilder(plan: Plan): (resource: ChunkResource) => ChunkCells {
  const index: AddressIndex = addressIndex(plan.addresses);
  let shared: Uint32Array | undefined;
  return ({ chunk: number, pending, runs, open, openLeftOut, reverseNames = {} }) => {
    const chunk = buildChunk(plan, chunkNumber(number), index.at);
    const ports = shared ?? Uint32Array.from(chunk.ports, ({ protocol, port }) => portKey(protocol, port));
    if (plan.geometry.kind === 'whole') shared = ports;
    const codes = new Uint8Array(chunk.size);
    let at = 0;
    for (const [length, verdict] of runs) {
      codes.fill(cellCode(cellStateOf(verdict)), at, at + length);
      at += length;
    }
    return { number, pending, addresses: chunk.addresses, ports, codes, open, openLeftOut, reverseNames };
  };
}

/** The cells of one host and protocol by port number, 0 to 65,535; what no chunk holds is not in the plan. */
export function hostCells(chunks: Iterable<ChunkCells>, address: string, protocol: Protocol): Uint8Array {
  const cells = new Uint8Array(65_536);
  for (const { addresses, ports, codes } of chunks) {
    const host = addresses.indexOf(address as Address);
    if (host < 0) continue;
    for (let at = 0; at < ports.length; at++) {
      const key = ports[at] ?? 0;
      if (protocolOf(key) === protocol) cells[portOf(key)] = codes[host * ports.length + at] ?? 0;
    }
  }
  return cells;
}

/** Neighbouring ports of one state: what the map is drawn from, and read out by. */
export interface CellRun {
  readonly first: number;
  readonly last: number;
  readonly code: number;
}

export function runsOfCells(cells: Uint8Array): CellRun[] {
  const runs: CellRun[] = [];
  let first = 0;
  for (let at = 1; at <= cells.length; at++) {
    if (at < cells.length && cells[at] === cells[first]) continue;
    runs.push({ first, last: at - 1, code: cells[first] ?? 0 });
    first = at;
  }
  return runs;
}
