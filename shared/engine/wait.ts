import { type Millis, millis } from '../domain/units.ts';
import type { Clock } from '../seams/clock.ts';
import type { ChunkRun } from './chunk-run.ts';
import { untilPaced } from './send-probes.ts';

/** Resolves when the event loop has once looked at the sockets. */
export const afterOneTurn = (clock: Clock): Promise<void> => new Promise((resolve) => clock.afterTurn(resolve));

/**
 * Sleeps until there is something to do: evidence arrived, a deadline passed, the rate or a pause lets the next ask go,
 * a socket came free, or the run is aborted. Response is gathered for one whole turn before the loop runs, so that a
 * thousand answers cost one pass.
 */
export function waitForResponses(run: ChunkRun): Promise<void> {
  const { clock, budget, signal } = run.deps;
  const delay = untilNextChance(run);
  if (run.arrived.length > 0 || delay <= 0) return afterOneTurn(clock);
  return new Promise((resolve) => {
    let woken = false;
    const wake = () => {
      if (woken) return;
      woken = true;
      run.wake = null;
      takeBackTimer();
      signal.removeEventListener('abort', wake);
      clock.afterTurn(resolve);
    };
    const takeBackTimer = delay === Number.POSITIVE_INFINITY ? () => {} : clock.after(millis(delay), wake);
    run.wake = wake;
    signal.addEventListener('abort', wake, { once: true });
    if (run.asking.size === 0) budget.whenFree(wake);
  });
}

/** How long until something can be done without an answer: 0 when it can be done now, infinite when never. */
function untilNextChance(run: ChunkRun): number {
  const now = run.deps.clock.now();
  const moments: number[] = [];
  const expiry = run.underway.next();
  if (expiry !== undefined) moments.push(expiry - now);
  if (run.deps.deadline !== null) moments.push(run.deps.deadline - now);
  moments.push(untilNextAsk(run, now));
  return Math.max(0, Math.min(...moments));
}

/** How long until `sendProbes` could open a socket. Where only an answer can help (window, budget), that is never. */
function untilNextAsk(run: ChunkRun, now: Millis): number {
  const somethingLeft = run.pulled < run.work.chunk.size;
  if (run.waiting === 0 && !somethingLeft) return Number.POSITIVE_INFINITY;
  const pause = Math.max(0, run.faults.pauseUntil - now);
  if (run.deps.budget.taken >= run.deps.budget.capacity) return Number.POSITIVE_INFINITY;
  let soonest = Number.POSITIVE_INFINITY;
  for (const target of run.targets) {
    const hasNext = target.waiting.length > 0 || somethingLeft;
    if (!hasNext || target.state.inFlight >= target.state.window.size()) continue;
    soonest = Math.min(soonest, untilPaced(target, now));
    if (soonest === 0) break;
  }
  return Math.max(pause, soonest);
}
