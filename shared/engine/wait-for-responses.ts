import { type Millis, millis } from '../domain/units.ts';
import type { Clock } from '../seams/clock.ts';
import { sleep, type WakeEvent } from '../seams/sleep.ts';
import type { ChunkRun } from './chunk-run.ts';
import { untilRateAllows } from './send-probes.ts';

/** Resolves when the event loop has once looked at the sockets. */
export const afterOneTurn = (clock: Clock): Promise<void> => new Promise((resolve) => clock.afterTurn(resolve));

/**
 * Sleeps until there is something to do: a response arrived, a deadline passed, the rate or a pause lets the next probe
 * go, a socket came free, or the run is stopped. Responses are gathered for one whole turn before the loop runs, so that
 * a thousand answers cost one pass.
 */
export async function waitForResponses(run: ChunkRun): Promise<void> {
  const { clock, budget } = run.deps;
  const delay = untilNextStep(run);
  if (run.responses.length === 0 && delay > 0) {
    const events: WakeEvent[] = [run.arrival.whenWoken, run.stop.whenStopped];
    if (run.inFlight.size === 0) events.push(budget.whenFree);
    await sleep(clock, delay === Number.POSITIVE_INFINITY ? null : millis(delay), ...events);
  }
  await afterOneTurn(clock);
}

/** How long until something can be done without an answer: 0 when it can be done now, infinite when never. */
function untilNextStep(run: ChunkRun): number {
  const now = run.deps.clock.now();
  const expiry = run.deadlines.next();
  const untilExpiry = expiry === undefined ? Number.POSITIVE_INFINITY : expiry - now;
  return Math.max(0, Math.min(untilExpiry, untilNextProbe(run, now)));
}

/** How long until `sendProbes` could open a socket. Where only an answer can help (window, budget), that is never. */
function untilNextProbe(run: ChunkRun, now: Millis): number {
  const somethingLeft = run.pulled < run.work.chunk.size;
  if (run.waiting === 0 && !somethingLeft) return Number.POSITIVE_INFINITY;
  if (run.deps.budget.taken >= run.deps.budget.capacity) return Number.POSITIVE_INFINITY;
  const pause = Math.max(0, run.faults.pauseUntil - now);
  let soonest = Number.POSITIVE_INFINITY;
  for (const target of run.targets) {
    const hasNext = target.waiting.length > 0 || somethingLeft;
    if (!hasNext || target.state.inFlight >= target.state.window.size()) continue;
    soonest = Math.min(soonest, untilRateAllows(target, now));
    if (soonest === 0) break;
  }
  return Math.max(pause, soonest);
}
