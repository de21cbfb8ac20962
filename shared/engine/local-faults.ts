import { millis } from '../domain/units.ts';
import { type UnprobedCause, verdictCode } from '../domain/verdict.ts';
import type { ChunkRun } from './chunk-run.ts';

/** After a fault of this machine, give the kernel time to recover: ten turns of a busy loop. */
export const FAULT_PAUSE = millis(20);

/**
 * Faults that go on for so long, without one probe sent, will not end while we wait. Longer than any round trip of the
 * templates T3 to T5, so that sockets in flight have been given back by then.
 */
const FAULT_PATIENCE = 15_000;

export function pauseAfterFault(run: ChunkRun, cause: UnprobedCause): void {
  const now = run.deps.clock.now();
  if (cause === 'no-descriptor') run.deps.budget.refused();
  run.faults.cause = cause;
  run.faults.since ??= now;
  run.faults.pauseUntil = millis(now + FAULT_PAUSE);
}

/** When this machine's faults have outlasted all patience, every probe that is left is unprobed with their cause. */
export function giveUpOnFaults(run: ChunkRun): void {
  const { since, cause } = run.faults;
  if (since === null || run.inFlight.size > 0 || run.deps.clock.now() - since < FAULT_PATIENCE) return;
  const { codes } = run.work;
  for (let offset = 0; offset < codes.length; offset++) {
    if (codes[offset] === 0) codes[offset] = verdictCode(`unprobed/${cause}`);
  }
  run.unsettled = 0;
}
