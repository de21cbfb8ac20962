import type { Chunk } from '../domain/chunk.ts';
import { PortfleetError } from '../domain/errors.ts';
import type { Scan } from '../domain/scan.ts';
import { isShared, type TimingHints } from '../domain/timing-hints.ts';
import type { Timing } from '../domain/timing-template.ts';
import type { Millis } from '../domain/units.ts';
import { timeoutOf } from '../engine/target/rtt-estimator.ts';
import type { TargetStates } from '../engine/target/target-state.ts';
import type { ScanStore } from '../seams/scan-store.ts';

/** What the workers on the chunks of one address tell each other of it. */
export interface HintSharing {
  /** Takes over what others have learnt. */
  hear(): Promise<void>;
  /** Tells the others what is news to them. */
  tell(): Promise<void>;
  /** To be called often: as long as nobody has told of the target, listens ever less often, and tells the first thing. */
  begin(): Promise<void>;
}

interface SharingDeps {
  readonly store: Pick<ScanStore, 'readTimingHints' | 'putTimingHints'>;
  readonly targetsOf: (scan: Scan) => TargetStates;
}

const nothing = async (): Promise<void> => {};

/** For a chunk that nobody shares its addresses with: costs no read and no write. */
const ALONE: HintSharing = { hear: nothing, tell: nothing, begin: nothing };

/**
 * The last to tell is the one who is heard. So that a worker that has seen little does not wipe out what another saw, each
 * listens once more before it tells: nearly all of what it has to say is then no news any more.
 */
export function shareTimingHints(scan: Scan, chunk: Chunk, { store, targetsOf }: SharingDeps): HintSharing {
  const [address] = chunk.addresses;
  if (address === undefined || !isShared(scan.plan.geometry)) return ALONE;
  const target = targetsOf(scan).of(address);
  /** What the others see, as far as we know. */
  let stored: TimingHints | undefined;
  /** What we told last. */
  let told: TimingHints | undefined;
  let isFirst = true;
  let calls = 0;

  const hear = async (): Promise<void> => {
    const heard = await unlessDown(store.readTimingHints(scan.id, address));
    if (!heard) return;
    stored = heard;
    target.adopt(heard);
  };
  const news = (): TimingHints | undefined => {
    const learnt = target.tell();
    return learnt && isNews(learnt, stored, told ?? stored, scan.plan.timing) ? learnt : undefined;
  };
  const tell = async (): Promise<void> => {
    if (!news()) return;
    // Tried once is enough: what could not be written now would be tried at each flush, 20 times a second.
    isFirst = false;
    await hear();
    const learnt = news();
    if (!learnt) return;
    const joined = { ...learnt, window: narrower(learnt.window, stored?.window ?? null) };
    const written = await unlessDown(store.putTimingHints(scan.id, joined).then(() => joined));
    if (written) stored = told = written;
  };
  return {
    hear,
    tell,
    begin: async () => {
      if (stored) return;
      calls += 1;
      // The 1st, 2nd, 4th, 8th and 16th time: what a lane that hears of nobody waits for too long, it waits for at first.
      if (Number.isInteger(Math.log2(calls))) await hear();
      if (isFirst && !stored) await tell();
    },
  };
}

/** By how much a number has to move before it is worth a write. */
const WORTH_TELLING = 1 / 4;

/**
 * Attempts only grow and windows only fall, so they are compared with what is `stored`. A round trip is compared with what
 * we told `before`: two workers that measure differently, because they sit apart, would otherwise correct each other for
 * ever.
 */
function isNews(
  learnt: TimingHints,
  stored: TimingHints | undefined,
  before: TimingHints | undefined,
  timing: Timing,
): boolean {
  if (!stored || !before || learnt.attempts > stored.attempts) return true;
  // What clamps the timeout makes of a round trip is all that anybody notices of it.
  const [was, is] = [waitFor(before, timing), waitFor(learnt, timing)];
  if (Math.abs(is - was) > was * WORTH_TELLING) return true;
  // A window that has opened again is not told: one that begins too small opens by itself within a few round trips.
  return learnt.window !== null && learnt.window < (stored.window ?? Number.POSITIVE_INFINITY) * (1 - WORTH_TELLING);
}

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
async function unlessDown<Value>(asking: Promise<Value>): Promise<Value | undefined> {
  try {
    return await asking;
  } catch (error) {
    if (error instanceof PortfleetError) return undefined;
    throw error;
  }
}
