import type { ChunkForecast } from '../domain/coverage.ts';
import type { ChunkNumber, EpochMillis, Millis } from '../domain/units.ts';
import { millis } from '../domain/units.ts';
import type { Clock } from '../seams/clock.ts';

/** What a worker says of a chunk while it works on it. */
export interface ChunkProgress {
  /** Probes that have their verdict. */
  readonly settled: number;
  /** How long the chunk will still take; null while that cannot be told. */
  readonly left: Millis | null;
  /** How long another chunk of the same target would take after it; null where the next is of another target. */
  readonly next: Millis | null;
  /** It is stored as complete, with its services. */
  readonly isOver: boolean;
}

/** How long a scan will still take, by what its workers say of their chunks. */
export interface ScanTimeLeft {
  /** `pending`: the probes of the chunk that had no verdict when the scan began, or was taken up. */
  told(chunk: ChunkNumber, pending: number, progress: ChunkProgress, now: Millis): void;
  /** Null while it cannot be told. */
  at(now: Millis): Millis | null;
}

interface Running {
  readonly since: Millis;
  readonly pending: number;
  left: Millis | null;
  next: Millis | null;
  toldAt: Millis;
}

/** What a chunk says of itself holds from about a tenth of the way on; until then it will take as long as the others did. */
const YOUNG = 1 / 10;

/**
 * Chunks that are worked on say themselves how long they will take. Those that wait take as long a probe as the others
 * did, or will, unless these say better; they are taken up one by one by whichever worker is done first, as many at once
 * as there were.
 *
 * @param waiting chunks that are to be worked on, and the pending probes of all of them
 */
export function makeScanTimeLeft(waiting: { readonly chunks: number; readonly probes: number }): ScanTimeLeft {
  const running = new Map<ChunkNumber, Running>();
  let { chunks, probes } = waiting;
  let ended = { time: 0, probes: 0 };
  let mostAtOnce = 1;

  function take(chunk: ChunkNumber, pending: number, now: Millis): Running {
    const taken: Running = { since: now, pending, left: null, next: null, toldAt: now };
    running.set(chunk, taken);
    chunks = Math.max(0, chunks - 1);
    probes = Math.max(0, probes - pending);
    mostAtOnce = Math.max(mostAtOnce, running.size);
    return taken;
  }

  function left({ left, toldAt, since, pending }: Running, now: Millis): number | null {
    const asOthers = ended.probes === 0 ? 0 : pending * (ended.time / ended.probes);
    const elapsed = now - since;
    if (elapsed < asOthers * YOUNG) return asOthers - elapsed;
    return left === null ? null : Math.max(0, left - (now - toldAt));
  }

  return {
    told(chunk, pending, progress, now) {
      const known = running.get(chunk) ?? take(chunk, pending, now);
      known.left = progress.left;
      known.next = progress.next;
      known.toldAt = now;
      if (!progress.isOver) return;
      running.delete(chunk);
      ended = { time: ended.time + now - known.since, probes: ended.probes + known.pending };
    },
    at(now) {
      const lefts: number[] = [];
      let [time, done] = [ended.time, ended.probes];
      for (const chunk of running.values()) {
        const own = left(chunk, now);
        if (own === null) return null;
        lefts.push(own);
        time += now - chunk.since + own;
        done += chunk.pending;
      }
      if (chunks === 0) return millis(Math.max(0, ...lefts));
      if (done === 0) return null;
      while (lefts.length < mostAtOnce) lefts.push(0);
      const nexts = [...running.values()].flatMap(({ next }) => next ?? []);
      const each = nexts.length > 0 ? mean(nexts) : (probes / chunks) * (time / done);
      return millis(lastOf(lefts, chunks, each));
    },
  };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** A chunk as it is stored. */
export interface StoredProgress {
  readonly size: number;
  readonly pending: number;
  readonly forecast: ChunkForecast | null;
}

/** Workers write a checkpoint every second. After ten without one, nobody works on the chunk. */
const STALE_AFTER = 10_000;

/**
 * How long a scan will still take, by what its workers wrote beside their checkpoints; null while none did.
 *
 * @param held chunks that workers have in hand: what has only begun is among those that wait
 */
export function storedTimeLeft(chunks: readonly StoredProgress[], held: number, now: EpochMillis): Millis | null {
  const fresh = ({ forecast }: StoredProgress) => (forecast && now - forecast.at < STALE_AFTER ? forecast : null);
  const told = chunks.flatMap((chunk) => {
    const forecast = fresh(chunk);
    return forecast ? [{ ...forecast, size: chunk.size }] : [];
  });
  if (told.length === 0) return null;
  const lefts = told.map(({ left, at }) => Math.max(0, left - (now - at)));
  const waiting = chunks.filter((chunk) => chunk.pending > 0 && fresh(chunk) === null);
  if (waiting.length === 0) return millis(Math.max(...lefts));
  while (lefts.length < held) lefts.push(0);
  const nexts = told.flatMap(({ next }) => next ?? []);
  const ofOneProbe = mean(told.map(({ elapsed, left, size }) => (elapsed + left) / size));
  const each = nexts.length > 0 ? mean(nexts) : mean(waiting.map(({ pending }) => pending)) * ofOneProbe;
  return millis(lastOf(lefts, waiting.length, each));
}

/** What is left of a time that was told last: workers that have all just begun another chunk have told nothing yet. */
export function makeToldTimeLeft(clock: Pick<Clock, 'now'>): (left: number | null | undefined) => Millis | null {
  let last: { readonly left: number; readonly at: Millis } | null = null;
  return (left) => {
    const now = clock.now();
    if (typeof left === 'number') last = { left, at: now };
    return last && millis(Math.max(0, last.left - (now - last.at)));
  };
}

/** Halvings of a span of time: what is left of a week is under a microsecond. */
const HALVINGS = 50;

/** When the last of the waiting chunks is done, each of which takes as long, and begins as soon as a hand is free. */
function lastOf(lefts: readonly number[], waiting: number, each: number): number {
  const isTime = (time: number): boolean => {
    let done = 0;
    for (const left of lefts) if (time > left) done += Math.floor((time - left) / each);
    return done >= waiting;
  };
  const longest = Math.max(...lefts);
  let [tooSoon, enough] = [0, longest + waiting * each];
  for (let halvings = 0; halvings < HALVINGS && !isTime(tooSoon); halvings++) {
    const middle = (tooSoon + enough) / 2;
    if (isTime(middle)) enough = middle;
    else tooSoon = middle;
  }
  return Math.max(longest, enough);
}
