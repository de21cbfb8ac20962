import { type Millis, millis, type WatchId } from '../../shared/domain/units.ts';
import type { Watch } from '../../shared/domain/watch.ts';
import type { Clock } from '../../shared/seams/clock.ts';
import type { Log } from '../../shared/seams/log.ts';
import { makeStop, makeWakeup, sleep } from '../../shared/seams/sleep.ts';
import { type AdvanceDeps, advanceWatch } from '../../shared/usecases/advance-watch.ts';
import { deliverMessages, type SendMessage } from '../../shared/usecases/deliver-messages.ts';

export interface WatchLoopDeps extends AdvanceDeps {
  readonly clock: Clock;
  readonly send: SendMessage;
  readonly log: Log;
}

/** How often it looks; with an index over what is due, a look costs a fraction of a millisecond. */
const LOOK_EVERY: Millis = millis(1_000);

/** While a watch scans, the end of its scan is not waited for longer than this. */
const LOOK_AT_SCANS_EVERY: Millis = millis(200);

/** Watches advanced in one look: what is left is due at the next. */
const MOST_AT_A_LOOK = 256;

/** Runs what is due, and tells what is to be told, until it is stopped. */
export function startWatchLoop(deps: WatchLoopDeps): { stop(): Promise<void> } {
  const ending = makeWakeup();
  let stopped = false;
  const loop = async (): Promise<void> => {
    while (!stopped) {
      const busy = await look(deps);
      await sleep(deps.clock, busy ? LOOK_AT_SCANS_EVERY : LOOK_EVERY, ending.whenWoken);
    }
  };
  const running = loop();
  return {
    async stop() {
      stopped = true;
      ending.wake();
      await running;
    },
  };
}

/** One look; true when something is under way that may be over soon. Never throws: the next look goes on. */
async function look(deps: WatchLoopDeps): Promise<boolean> {
  try {
    const due = await deps.watches.dueWatches(deps.clock.wall(), MOST_AT_A_LOOK);
    for (const id of due) await advanceSafely(id, deps);
    await deliverMessages(deps);
    return due.length > 0;
  } catch (error) {
    deps.log.warn('watch-look-failed', { error: error instanceof Error ? error.message : String(error) });
    return false;
  }
}

/** One watch that cannot be advanced must not keep the others from it. */
async function advanceSafely(id: WatchId, deps: WatchLoopDeps): Promise<void> {
  try {
    await advanceWatch(id, deps);
  } catch (error) {
    deps.log.warn('watch-failed', { watch: id, error: error instanceof Error ? error.message : String(error) });
  }
}

/**
 * Takes these watches to the end of the run that is due or under way, and tries every message once that is due; for a
 * timer or a cron job, and for a user who wants a run now. A watch that is due again by then is left for the next time.
 */
export async function runWatchesOnce(
  ids: readonly WatchId[],
  deps: WatchLoopDeps,
  signal: AbortSignal,
): Promise<readonly Watch[]> {
  const stop = makeStop({ clock: deps.clock, signal, deadline: null });
  const lastRuns = new Map((await readAll(ids, deps)).map((watch) => [watch.id, watch.runs[0]?.number]));
  const mayBegin = ({ id, runs }: Watch) => runs[0]?.number === lastRuns.get(id);
  try {
    while (!signal.aborted) {
      for (const id of ids) await advanceWatch(id, { ...deps, mayBegin });
      const busy = (await readAll(ids, deps)).some(({ phase }) => phase.kind !== 'idle');
      while ((await deliverMessages(deps)) > 0);
      if (!busy) break;
      await sleep(deps.clock, LOOK_AT_SCANS_EVERY, stop.whenStopped);
    }
    return await readAll(ids, deps);
  } finally {
    stop.forget();
  }
}

async function readAll(ids: readonly WatchId[], { watches }: WatchLoopDeps): Promise<Watch[]> {
  const all = await Promise.all(ids.map((id) => watches.readWatch(id)));
  return all.filter((watch) => watch !== undefined);
}
