import type { PortList } from './port-list.ts';
import type { Probe } from './probe.ts';
import type { Address, ChunkNumber } from './units.ts';

/** The probes one worker takes at once: every port of `ports` at every address of `addresses`, address by address. */
export interface Chunk {
  readonly number: ChunkNumber;
  readonly addresses: readonly Address[];
  readonly ports: PortList;
  /** How many probes: addresses × ports. Offsets into the chunk go from 0 to size − 1. */
  readonly size: number;
  /** Which lane of its address probes it; see `Geometry.lanes`. */
  readonly lane: number;
}

/** Which of the chunk's addresses the probe at `offset` goes to. */
export const addressIndexAt = (chunk: Chunk, offset: number): number => Math.floor(offset / chunk.ports.length);

/** The probe at `offset`; outside the chunk there is none. */
export function probeAt(chunk: Chunk, offset: number): Probe | undefined {
  const address = chunk.addresses[addressIndexAt(chunk, offset)];
  const port = chunk.ports.at(offset % chunk.ports.length);
  return address && port && { address, protocol: port.protocol, port: port.port };
}
