import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { probesIn, type Run } from '../domain/coverage.ts';
import { type Verdict, verdictNamed } from '../domain/verdict.ts';

/** Runs, packed: a byte for each probe that points into `verdicts`, deflated. */
export interface PackedRuns {
  readonly verdicts: readonly Verdict[];
  readonly codes: Uint8Array;
}

/**
 * In the middle of a chunk, probed in a shuffled order, the runs are as short as they can be: 5,400 probes, half of them
 * done, are some 2,700 runs and 65 KB of JSON. Packed like this a checkpoint costs one or two write units; and one of
 * 32,768 probes keeps a worker's loop from its sockets for a few milliseconds.
 */
export function packRuns(runs: readonly Run[]): PackedRuns {
  const places = new Map<Verdict, number>();
  const codes = new Uint8Array(probesIn(runs));
  let at = 0;
  for (const [length, verdict] of runs) {
    const code = places.get(verdict) ?? places.size;
    if (code === places.size) places.set(verdict, code);
    // Most runs are a few probes long: a loop beats the call of `fill`.
    for (const end = at + length; at < end; at++) codes[at] = code;
  }
  return { verdicts: [...places.keys()], codes: deflateRawSync(codes, places.has('pending') ? BY_RUNS : {}) };
}

/**
 * Of shuffled codes only their frequency can be made use of: looking for more takes nine times as long, for an eighth. A
 * chunk that is done is packed once, and what its hosts have in common is most of it.
 */
const BY_RUNS = { strategy: constants.Z_RLE };

/**
 * The inverse of `packRuns`; neighbouring runs of one verdict have become one. Records of earlier versions are read under
 * the names of today; a verdict that no version knows is pending, for it can be probed again.
 */
export function unpackRuns({ verdicts, codes }: PackedRuns): Run[] {
  const plain = inflateRawSync(codes);
  const known = verdicts.map((each) => verdictNamed(each) ?? 'pending');
  const runs: Run[] = [];
  for (let start = 0, end = 1; start < plain.length; start = end, end = start + 1) {
    while (end < plain.length && plain[end] === plain[start]) end++;
    runs.push([end - start, known[plain[start] ?? 0] ?? 'pending']);
  }
  return runs;
}
