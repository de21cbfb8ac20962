import type { ScanStatus } from '../shared/domain/scan-status.ts';
import { millis, type ScanId } from '../shared/domain/units.ts';
import { failChunk } from '../shared/usecases/fail-chunk.ts';
import {
  extendHeld,
  type FleetDeps,
  type FleetEvents,
  handOut,
  startFleet,
  stopFleet,
  throwIfBroken,
  type WorkerCommand,
} from './fleet-workers.ts';
import { LEASE_BEAT, type ScanLease } from './sqlite/scan-lease.ts';

/** How often the fleet looks for what no event tells: a cancelled scan, dead letters, a lane that came free. */
const LOOK_EVERY = millis(200);

/** Dead letters are rare; so many at a look. */
const LETTERS_AT_ONCE = 16;

/**
 * The event source of the one-machine deployment: takes chunks off the queue, hands them to worker processes, and
 * deletes or releases each message by what became of it. A worker that dies is replaced, and what it held is released.
 * Returns the scan's status when there is nothing left to do, or `running` when `signal` ended it first.
 *
 * @throws PortfleetError with what the workers could not hint: a full disk, too few descriptors, WORKERS_FAILED
 */
export async function runFleet(
  id: ScanId,
  command: WorkerCommand,
  deps: FleetDeps & { readonly lease: ScanLease },
  events: FleetEvents,
  signal: AbortSignal,
): Promise<ScanStatus> {
  const fleet = startFleet(command, deps, events);
  const takeBack = fleet.wakeup.ringOnAbort(signal);
  let beatAt = deps.clock.now();
  try {
    while (!signal.aborted) {
      const status = (await deps.store.readScan(id))?.status ?? 'cancelled';
      if (status !== 'running') return status;
      for (const letter of await deps.queue.takeDeadLetters(LETTERS_AT_ONCE)) await failChunk(deps, letter);
      await handOut(fleet);
      await fleet.wakeup.wait(deps.clock, LOOK_EVERY);
      throwIfBroken(fleet);
      if (deps.clock.now() - beatAt < LEASE_BEAT) continue;
      beatAt = deps.clock.now();
      deps.lease.beat();
      await extendHeld(fleet);
    }
    return 'running';
  } finally {
    takeBack();
    await stopFleet(fleet);
  }
}
