import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Run } from '../../shared/domain/coverage.ts';
import type { Verdict } from '../../shared/domain/verdict.ts';

/** Runs, packed: a byte for each probe that points into `verdicts`, deflated. */
export interface PackedRuns {
  readonly verdicts: readonly Verdict[];
  readonly codes: Uint8Array;
}

/**
 * In the middle of a chunk, asked in a shuffled order, the runs are as short as they can be: 5,400 probes, half of them
 * done, are some 2,700 runs and 65 KB of JSON. Packed like this a checkpoint costs one or two write units.
 */
export function packRuns(runs: readonly Run[]): PackedRuns {
  const verdicts = [...new Set(runs.map(([, verdict]) => verdict))];
  const size = runs.reduce((sum, [length]) => sum + length, 0);
  const codes = new Uint8Array(size);
  let at = 0;
  for (const [length, verdict] of runs) {
    codes.fill(verdicts.indexOf(verdict), at, at + length);
    at += length;
  }
  return { verdicts, codes: deflateRawSync(codes) };
}

/** The inverse of `packRuns`; neighbouring runs of one verdict have become one. */
export function unpackRuns({ verdicts, codes }: PackedRuns): Run[] {
  const plain = inflateRawSync(codes);
  const runs: Run[] = [];
  for (let start = 0, end = 1; start < plain.length; start = end, end = start + 1) {
    while (end < plain.length && plain[end] === plain[start]) end++;
    runs.push([end - start, verdicts[plain[start] ?? 0] ?? 'pending']);
  }
  return runs;
}
