import type { FindingResource } from '../../shared/api/resources/port-resource.ts';
import { type ChunkCells, portKey } from '../data/chunk-cells.ts';
import { compareAddresses } from '../data/findings.ts';

/** Hosts by the ports that are open anywhere, as the matrix shows them. */
export interface HostMatrix {
  /** Rows in the order to show: hosts that look like no other come first. */
  readonly rows: readonly HostRow[];
  /** Columns: keys of ports (see `portKey`), in the order of their numbers. */
  readonly ports: readonly number[];
}

export interface HostRow {
  readonly address: string;
  readonly names: readonly string[];
  /** A cell code for each column. */
  readonly codes: Uint8Array;
  readonly open: number;
  /** How many hosts have exactly the same open ports, this one included. */
  readonly alike: number;
}

/** Columns beyond these would be too narrow to tell apart; the ports that are open least often are kept. */
const MOST_COLUMNS = 400;

/**
 * Every host of the plan that the page holds. Hosts are sorted by how many others have the same open ports, fewest
 * first, so that the odd one stands at the top; within a group by address.
 */
export function hostMatrix(
  chunks: readonly ChunkCells[],
  findings: readonly FindingResource[],
  names: ReadonlyMap<string, readonly string[]>,
): HostMatrix {
  const ports = columnsOf(findings);
  const column = new Map(ports.map((key, index) => [key, index]));
  const rows = new Map<string, Uint8Array>();
  for (const chunk of chunks) addChunk(rows, chunk, column);
  const signatures = new Map<string, string[]>();
  for (const [address, codes] of rows) {
    const signature = openColumns(codes).join();
    signatures.set(signature, [...(signatures.get(signature) ?? []), address]);
  }
  const groups = [...signatures].sort(
    ([a, alike], [b, others]) => Number(a === '') - Number(b === '') || alike.length - others.length,
  );
  const sorted = groups.flatMap(([signature, addresses]) =>
    addresses.sort(compareAddresses).map(
      (address): HostRow => ({
        address,
        names: names.get(address) ?? [],
        codes: rows.get(address) ?? new Uint8Array(ports.length),
        open: signature === '' ? 0 : signature.split(',').length,
        alike: addresses.length,
      }),
    ),
  );
  return { rows: sorted, ports };
}

function columnsOf(findings: readonly FindingResource[]): readonly number[] {
  const counts = new Map<number, number>();
  for (const { protocol, port } of findings) {
    const key = portKey(protocol, port);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const rarest = [...counts].sort(([, a], [, b]) => a - b).slice(0, MOST_COLUMNS);
  return rarest.map(([key]) => key).sort((a, b) => a - b);
}

function addChunk(rows: Map<string, Uint8Array>, chunk: ChunkCells, column: ReadonlyMap<number, number>): void {
  const places: (readonly [offset: number, column: number])[] = [];
  chunk.ports.forEach((key, offset) => {
    const at = column.get(key);
    if (at !== undefined) places.push([offset, at]);
  });
  chunk.addresses.forEach((address, host) => {
    const codes = rows.get(address) ?? new Uint8Array(column.size);
    rows.set(address, codes);
    for (const [offset, at] of places) codes[at] = chunk.codes[host * chunk.ports.length + offset] ?? 0;
  });
}

const OPEN = 2;

function openColumns(codes: Uint8Array): number[] {
  const open: number[] = [];
  codes.forEach((code, at) => {
    if (code === OPEN) open.push(at);
  });
  return open;
}
