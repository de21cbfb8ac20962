import { type Incident, joinIncidents } from './incident.ts';
import type { NamesOfAddresses } from './reverse-names.ts';
import { type ChunkNumber, type EpochMillis, type Millis, millis } from './units.ts';
import { isSettled, isUnprobed, type Verdict, verdictCode, verdictOf } from './verdict.ts';

/** So many probes in a row, in the chunk's own order, with one verdict. */
export type Run = readonly [length: number, verdict: Verdict];

/** What the probing itself was like: how sure a `filtered` is. Sums over a chunk can be added over a scan. */
export interface ProbeTally {
  /** Connects and datagrams sent, retries included. */
  readonly sent: number;
  /** Ports that answered at all, and those of them that answered only a later attempt: the loss that was seen. */
  readonly answered: number;
  readonly answeredRetries: number;
  /** The most attempts a silent port was given. */
  readonly mostAttempts: number;
  /** Smoothed round-trip time of the last target probed, where one ever answered. */
  readonly smoothedRtt: Millis | null;
  /** The slowest that a target was seen to tell of its closed ports, in answers a second; absent where none held back. */
  readonly answersPerSecond?: number;
  /** Timing pings of ports that are known to answer, and those that were answered; absent where none were needed. */
  readonly pings?: number;
  readonly pingsAnswered?: number;
  /** Probes a second of the slowest target that lets only so many through; absent where none was found to. */
  readonly pacedTo?: number;
  /** Milliseconds spent on checking silent UDP ports again; absent where none were. A template's patience bounds it. */
  readonly verifying?: Millis;
  /** What befell targets meanwhile; absent where nothing did. */
  readonly incidents?: readonly Incident[];
}

export const NO_PROBES: ProbeTally = { sent: 0, answered: 0, answeredRetries: 0, mostAttempts: 0, smoothedRtt: null };

/** What the worker of a chunk expected at a checkpoint. */
export interface ChunkForecast {
  readonly at: EpochMillis;
  /** How long it had worked on it by then, and how long it would still take. */
  readonly elapsed: Millis;
  readonly left: Millis;
  /** How long another chunk of the same target would take after it; null where the next is of another target. */
  readonly next: Millis | null;
}

/**
 * What is known of every probe of one chunk. The lengths of the runs add up to the size of the chunk, always, so
 * "settled + unprobed + pending = planned" holds by arithmetic.
 */
export interface ChunkCoverage {
  readonly chunk: ChunkNumber;
  readonly runs: readonly Run[];
  readonly tally: ProbeTally;
  /** Deliveries in a row that settled nothing, as far as they were counted (see `countDelivery`); absent is none. */
  readonly idle?: number;
  /** The names that DNS has for addresses of the chunk; absent where none were found, or looked up. */
  readonly names?: NamesOfAddresses;
  /** Absent from a record that no worker is going to replace. */
  readonly forecast?: ChunkForecast;
}

/** Verdict codes, one byte a probe, as runs. */
export function runsOf(codes: Uint8Array): Run[] {
  const runs: Run[] = [];
  let start = 0;
  for (let at = 1; at <= codes.length; at++) {
    if (at < codes.length && codes[at] === codes[start]) continue;
    if (at > start) runs.push([at - start, verdictOf(codes[start] ?? 0)]);
    start = at;
  }
  return runs;
}

export const probesIn = (runs: readonly Run[]): number => runs.reduce((sum, [length]) => sum + length, 0);

/** The inverse of `runsOf`. A record of another size than the chunk is not ours to trust: it gives undefined. */
export function codesOf(runs: readonly Run[], size: number): Uint8Array | undefined {
  if (probesIn(runs) !== size) return undefined;
  const codes = new Uint8Array(size);
  let at = 0;
  for (const [length, verdict] of runs) {
    codes.fill(verdictCode(verdict), at, at + length);
    at += length;
  }
  return codes;
}

/** How many of the codes from `start` to `end` are of no verdict. A loop and no more: the first probe waits for it. */
export function countPending(codes: Uint8Array, start = 0, end = codes.length): number {
  let pending = 0;
  for (let at = start; at < end; at++) if (codes[at] === 0) pending += 1;
  return pending;
}

/** Of runs of another length than the chunk, which are not ours to trust, and of none at all: everything is pending. */
export function runsOfChunk(runs: readonly Run[] | undefined, size: number): readonly Run[] {
  return runs && probesIn(runs) === size ? runs : [[size, 'pending']];
}

/** The runs cut after every `length` probes: those of each address of a chunk. */
export function* cutRuns(runs: readonly Run[], length: number): Generator<readonly Run[], void, void> {
  let row: Run[] = [];
  let free = length;
  for (const [count, verdict] of runs) {
    for (let left = count; left > 0; ) {
      const taken = Math.min(left, free);
      row.push([taken, verdict]);
      left -= taken;
      free -= taken;
      if (free > 0) continue;
      yield row;
      row = [];
      free = length;
    }
  }
}

/** The runs with other verdicts in some places, which are counted from 0. */
export function replaceInRuns(runs: readonly Run[], verdicts: ReadonlyMap<number, Verdict>): Run[] {
  const replaced: [length: number, verdict: Verdict][] = [];
  const add = (length: number, verdict: Verdict): void => {
    const last = replaced.at(-1);
    if (last?.[1] === verdict) last[0] += length;
    else if (length > 0) replaced.push([length, verdict]);
  };
  const others = [...verdicts].sort(([a], [b]) => a - b);
  let [at, next] = [0, 0];
  for (const [length, verdict] of runs) {
    const end = at + length;
    for (let other = others[next]; other && other[0] < end; other = others[++next]) {
      add(other[0] - at, verdict);
      add(1, other[1]);
      at = other[0] + 1;
    }
    add(end - at, verdict);
    at = end;
  }
  return replaced;
}

export interface CoverageCount {
  readonly settled: number;
  readonly unprobed: number;
  readonly pending: number;
}

export function countCoverage(runs: readonly Run[]): CoverageCount {
  let [settled, unprobed, pending] = [0, 0, 0];
  for (const [length, verdict] of runs) {
    if (isSettled(verdict)) settled += length;
    else if (isUnprobed(verdict)) unprobed += length;
    else pending += length;
  }
  return { settled, unprobed, pending };
}

/**
 * How far a record is from its end; of two, the one that is nearer stands. A record of a chunk that was given up is nearer
 * than any checkpoint, but never replaces one that is settled.
 */
export function distanceToEnd(runs: readonly Run[]): number {
  const { pending } = countCoverage(runs);
  if (pending > 0) return pending + 1;
  return runs.some(([, verdict]) => verdict === 'unprobed/chunk-failed') ? 1 : 0;
}

/** Sums of two tallies; the RTT is that of the one that has it, the later one first, and the rates are the slower ones. */
export function addTallies(a: ProbeTally, b: ProbeTally): ProbeTally {
  const slower = lower(a.answersPerSecond, b.answersPerSecond);
  const pacedTo = lower(a.pacedTo, b.pacedTo);
  const incidents = joinIncidents(a.incidents ?? [], b.incidents ?? []);
  const pings = (a.pings ?? 0) + (b.pings ?? 0);
  const verifying = (a.verifying ?? 0) + (b.verifying ?? 0);
  return {
    sent: a.sent + b.sent,
    answered: a.answered + b.answered,
    answeredRetries: a.answeredRetries + b.answeredRetries,
    mostAttempts: Math.max(a.mostAttempts, b.mostAttempts),
    smoothedRtt: b.smoothedRtt ?? a.smoothedRtt,
    ...(slower !== undefined && { answersPerSecond: slower }),
    ...(pings > 0 && { pings, pingsAnswered: (a.pingsAnswered ?? 0) + (b.pingsAnswered ?? 0) }),
    ...(pacedTo !== undefined && { pacedTo }),
    ...(verifying > 0 && { verifying: millis(verifying) }),
    ...(incidents.length > 0 && { incidents }),
  };
}

function lower(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.min(a, b);
}
