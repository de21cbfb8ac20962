import { type ChunkCoverage, NO_ASKS, runsOf } from '../domain/coverage.ts';
import type { Finding } from '../domain/finding.ts';
import { countPorts, type PortSet, portsOf } from '../domain/port-set.ts';
import type { HostReport } from '../domain/report.ts';
import { chunkNumber } from '../domain/units.ts';
import { type Verdict, verdictCode } from '../domain/verdict.ts';

/** What a store keeps of one chunk. */
export interface ImportedChunk {
  readonly coverage: ChunkCoverage;
  readonly findings: readonly Finding[];
}

/** A whole host as the chunk with that number; the inverse of how a report is put together from chunks. */
export function chunkOfHost({ findings, runs }: HostReport, planned: PortSet, number: number): ImportedChunk {
  const codes = new Uint8Array(countPorts(planned));
  let [finding, run, taken, offset] = [0, 0, 0, 0];
  for (const { protocol, port } of portsOf(planned)) {
    const open = findings[finding];
    if (open?.protocol === protocol && open.port === port) {
      codes[offset++] = verdictCode(`${open.state}/${open.reason}` as Verdict);
      finding++;
      continue;
    }
    codes[offset++] = verdictCode(runs[run]?.verdict ?? 'pending');
    taken++;
    if (taken === runs[run]?.count) [run, taken] = [run + 1, 0];
  }
  return { coverage: { chunk: chunkNumber(number), runs: runsOf(codes), tally: NO_ASKS }, findings };
}
