import type { Millis } from '../domain/units.ts';
import { verdictCode } from '../domain/verdict.ts';
import type { ChunkRun, ChunkTarget } from './chunk-run.ts';
import { conclude } from './send-probes.ts';
import { concludeUnprobed, unconfirmed } from './unsure-verdicts.ts';

const TIMED_OUT = verdictCode('unprobed/host-timeout');

/** When the time is up that one target may take, which begins with its first probe; without a bound, never. */
export const timeUpAt = ({ state }: ChunkTarget): number =>
  state.hostTimeout === null || state.begunAt === null ? Number.POSITIVE_INFINITY : state.begunAt + state.hostTimeout;

/** How long until the next target's time is up. */
export function untilTimeUp(run: ChunkRun, now: Millis): number {
  let soonest = Number.POSITIVE_INFINITY;
  for (const target of run.targets) if (!target.isTimeUp) soonest = Math.min(soonest, timeUpAt(target) - now);
  return soonest;
}

/**
 * Of a target whose time is up, what has no verdict by then is unprobed (nmap's --host-timeout); what it has told stays.
 * Silences that a loss seen later would take back are given up with the rest.
 */
export function giveUpOnTime(run: ChunkRun): void {
  const now = run.deps.clock.now();
  for (const target of run.targets) {
    const hasMore = !target.isTimeUp || target.waiting.length > 0;
    if (!hasMore || now < timeUpAt(target)) continue;
    target.isTimeUp = true;
    for (const probe of [...run.inFlight]) if (probe.target === target) conclude(run, probe);
    while (target.waiting.length > 0) {
      target.waiting.shift();
      run.waiting -= 1;
    }
    const unsure = target.state.hearing.state === 'unheard' ? [] : unconfirmed(run, target);
    concludeUnprobed(run, target, new Set(unsure), TIMED_OUT);
  }
}
