import { type ChunkCoverage, NO_PROBES, runsOf } from '../../domain/coverage.ts';
import type { Finding } from '../../domain/finding.ts';
import { plannedPorts } from '../../domain/planned-ports.ts';
import { countPorts, type PortSet } from '../../domain/port-set.ts';
import type { HostReport } from '../../domain/report.ts';
import { chunkNumber } from '../../domain/units.ts';
import { verdictCode } from '../../domain/verdict.ts';

/** What a store keeps of one chunk. */
export interface ImportedChunk {
  readonly coverage: ChunkCoverage;
  readonly findings: readonly Finding[];
}

/** A whole host as the chunk with that number; the inverse of how a report is put together from chunks. */
export function chunkOfHost(host: HostReport, planned: PortSet, number: number): ImportedChunk {
  const codes = new Uint8Array(countPorts(planned));
  let offset = 0;
  for (const { verdict } of plannedPorts(host, planned)) codes[offset++] = verdictCode(verdict);
  return { coverage: { chunk: chunkNumber(number), runs: runsOf(codes), tally: NO_PROBES }, findings: host.findings };
}
