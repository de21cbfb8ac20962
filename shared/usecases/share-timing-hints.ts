import type { Chunk } from '../domain/chunk.ts';
import { PortfleetError } from '../domain/errors.ts';
import type { Scan } from '../domain/scan.ts';
import { isShared, type TimingHints } from '../domain/timing-hints.ts';
import type { Timing } from '../domain/timing-template.ts';
import { type EpochMillis, epochMillis, type Millis } from '../domain/units.ts';
import { timeoutOf } from '../engine/target/rtt-estimator.ts';
import type { TargetStates } from '../engine/target/target-state.ts';
import type { Clock } from '../seams/clock.ts';
import type { ScanStore } from '../seams/scan-store.ts';

/** What the workers on the chunks of one address let each other know of it. */
export interface HintSharing {
  /** Applies what other workers have published. */
  load(): Promise<void>;
  /** Publishes what is news to the others. */
  publish(): Promise<void>;
  /** Both. */
  exchange(): Promise<void>;
  /** To be called often: as long as no hint of the target is known, loads ever less often, and publishes the first. */
  begin(): Promise<void>;
}

interface SharingDeps {
  readonly clock: Clock;
  readonly store: Pick<ScanStore, 'readTimingHints' | 'putTimingHints'>;
  readonly targetsOf: (scan: Scan) => TargetStates;
}

const nothing = async (): Promise<void> => {};

/** For a chunk that shares its addresses with no other: costs no read and no write. */
const ALONE: HintSharing = { load: nothing, publish: nothing, exchange: nothing, begin: nothing };

/**
 * The last hint published is the one that stands. So that a worker that has seen little does not wipe out what another
 * saw, each loads once more before it publishes: nearly all of what it knows is then no news any more.
 */
export function shareTimingHints(scan: Scan, chunk: Chunk, { store, targetsOf, clock }: SharingDeps): HintSharing {
  const [address] = chunk.addresses;
  if (address === undefined || !isShared(scan.plan.geometry)) return ALONE;
  const target = targetsOf(scan).of(address);
  /** What the others see, as far as we know. */
  let stored: TimingHints | undefined;
  /** What we published last. */
  let published: TimingHints | undefined;
  let isFirst = true;
  let calls = 0;

  const load = async (): Promise<void> => {
    const read = await unlessDown(store.readTimingHints(scan.id, address));
    if (!read) return;
    stored = read;
    target.apply(read, clock);
  };
  const news = (): TimingHints | undefined => {
    const hints = target.hints(clock);
    return hints && isNews(hints, stored, published ?? stored, scan.plan.timing) ? hints : undefined;
  };
  const publish = async (): Promise<void> => {
    if (!news()) return;
    // Tried once is enough: what could not be written now would be tried at each flush, 20 times a second.
    isFirst = false;
    await load();
    const hints = news();
    if (!hints) return;
    const joined = stored ? join(hints, stored) : hints;
    const written = await unlessDown(store.putTimingHints(scan.id, joined).then(() => joined));
    if (written) stored = published = written;
  };
  return {
    load,
    publish,
    exchange: async () => {
      await load();
      await publish();
    },
    begin: async () => {
      if (stored) return;
      calls += 1;
      // The 1st, 2nd, 4th, 8th and 16th time: what a lane without hints waits for too long, it waits for at first.
      if (Number.isInteger(Math.log2(calls))) await load();
      if (isFirst && !stored) await publish();
    },
  };
}

/** By how much a number has to move before it is worth a write. */
const WORTH_PUBLISHING = 1 / 4;

/**
 * Attempts only grow and windows only fall, so they are compared with what is `stored`. A round trip is compared with what
 * we published `before`: two workers that measure differently, because they sit apart, would otherwise correct each other for
 * ever.
 */
function isNews(
  hints: TimingHints,
  stored: TimingHints | undefined,
  before: TimingHints | undefined,
  timing: Timing,
): boolean {
  if (!stored || !before || hints.attempts > stored.attempts) return true;
  const isFirstPort = (stored.closedPort ?? stored.openPort) === null && hints.closedPort !== null;
  if (isFirstPort || (stored.openPort === null && hints.openPort !== null)) return true;
  // What the clamps of the timeout make of a round trip is all that counts.
  const [was, is] = [waitFor(before, timing), waitFor(hints, timing)];
  if (Math.abs(is - was) > was * WORTH_PUBLISHING) return true;
  // A window that has opened again is not published: one that begins too small opens by itself within a few round trips.
  return hints.window !== null && hints.window < (stored.window ?? Number.POSITIVE_INFINITY) * (1 - WORTH_PUBLISHING);
}

/** What is published does not wipe out what others know. */
const join = (hints: TimingHints, stored: TimingHints): TimingHints => ({
  ...hints,
  window: narrower(hints.window, stored.window),
  closedPort: hints.closedPort ?? stored.closedPort,
  openPort: hints.openPort ?? stored.openPort,
  heardAt: later(hints.heardAt, stored.heardAt),
});

const later = (one: EpochMillis | null, other: EpochMillis | null): EpochMillis | null =>
  one === null || other === null ? (one ?? other) : epochMillis(Math.max(one, other));

const narrower = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? (one ?? other) : Math.min(one, other);

const waitFor = ({ smoothedRtt: smoothed, rttVariation: variation }: TimingHints, timing: Timing): Millis =>
  timeoutOf({ smoothed, variation }, timing);

/**
 * A hint that the store cannot take or give is gone without: a chunk has five deliveries, and none of them is to be spent
 * on a hint that was throttled. No failure of the store is hidden by that: what the chunk found is written to the same
 * store right before each hint, and its coverage and completion after the last, and those fail with it. Only what the
 * store itself reports is passed over; a mistake of ours is thrown.
 */
async function unlessDown<Value>(call: Promise<Value>): Promise<Value | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof PortfleetError) return undefined;
    throw error;
  }
}
