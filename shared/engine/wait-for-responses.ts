import { type Millis, millis } from '../domain/units.ts';
import type { Clock } from '../seams/clock.ts';
import { sleep, type WakeEvent } from '../seams/sleep.ts';
import type { ChunkRun, ChunkTarget } from './chunk-run.ts';
import { untilTimeUp } from './host-timeout.ts';
import { untilFaultAllows } from './local-faults.ts';
import { mayPull, untilFloorAllows, untilRateAllows } from './send-probes.ts';

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
    const from = clock.now();
    await sleep(clock, delay === Number.POSITIVE_INFINITY ? null : millis(delay), ...events);
    run.busySince = millis(run.busySince + clock.now() - from);
  }
  await afterOneTurn(clock);
}

/** How long until something can be done without an answer: 0 when it can be done now, infinite when never. */
function untilNextStep(run: ChunkRun): number {
  const now = run.deps.clock.now();
  const expiry = run.deadlines.next();
  const untilExpiry = expiry === undefined ? Number.POSITIVE_INFINITY : expiry - now;
  return Math.max(0, Math.min(untilExpiry, untilTimeUp(run, now), untilNextProbe(run, now)));
}

/** How long until `sendProbes` could open a socket. Where only an answer can help (window, budget), that is never. */
function untilNextProbe(run: ChunkRun, now: Millis): number {
  if (run.deps.budget.taken >= run.deps.budget.capacity) return Number.POSITIVE_INFINITY;
  let soonest = Number.POSITIVE_INFINITY;
  for (const target of run.targets) {
    soonest = Math.min(soonest, untilTarget(run, target, now));
    if (soonest === 0) break;
  }
  return soonest;
}

function untilTarget(run: ChunkRun, target: ChunkTarget, now: Millis): number {
  if (target.isTimeUp) return Number.POSITIVE_INFINITY;
  const { hearing, inFlight, resets, rtt, window } = target.state;
  const hasNext = target.waiting.length > 0 || mayPull(run);
  const untilRoom = inFlight < window.size() ? 0 : untilFloorAllows(target, now);
  const untilProbe = hasNext && !hearing.isAway ? untilRoom : Number.POSITIVE_INFINITY;
  const untilLook = resets.next() ? 0 : Number.POSITIVE_INFINITY;
  const wanted = Math.min(untilProbe, untilLook, hearing.untilPing(now, rtt.smoothed()));
  if (wanted === Number.POSITIVE_INFINITY) return wanted;
  const allowed = Math.max(untilFaultAllows(run.fault, now), untilFaultAllows(target.fault, now));
  return Math.max(wanted, allowed, untilRateAllows(target, now));
}
