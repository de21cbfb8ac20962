import type { ScanStatus } from '../shared/domain/scan-status.ts';
import { millis, type ScanId } from '../shared/domain/units.ts';
import { makeStop, sleep } from '../shared/seams/sleep.ts';
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
import { LEASE_HEARTBEAT, type ScanLease } from './sqlite/scan-lease.ts';

/** How often the fleet checks what no event reports: a cancelled scan, dead letters, a lane that became free. */
const CHECK_EVERY = millis(200);

/** Dead letters are rare; so many are taken at once. */
const DEAD_LETTERS_AT_ONCE = 16;

/**
 * The event source of the one-machine deployment: takes chunks off the queue, hands them to worker processes, and
 * deletes or releases each message by what became of it. A worker that dies is replaced, and what it held is released.
 * Returns the scan's status when there is nothing left to do, or `running` when `signal` ended it first.
 *
 * @throws PortfleetError with what the workers could not recover from: a full disk, too few descriptors, WORKERS_FAILED
 */
export async function runFleet(
  id: ScanId,
  command: WorkerCommand,
  deps: FleetDeps & { readonly lease: ScanLease },
  events: FleetEvents,
  signal: AbortSignal,
): Promise<ScanStatus> {
  const fleet = startFleet(command, deps, events);
  const stop = makeStop({ clock: deps.clock, signal, deadline: null });
  let heartbeatAt = deps.clock.now();
  try {
    while (!signal.aborted) {
      const status = (await deps.store.readScan(id))?.status ?? 'cancelled';
      if (status !== 'running') return status;
      for (const deadLetter of await deps.queue.takeDeadLetters(DEAD_LETTERS_AT_ONCE))
        await failChunk(deps, deadLetter);
      await handOut(fleet);
      await sleep(deps.clock, CHECK_EVERY, fleet.wakeup.whenWoken, stop.whenStopped);
      throwIfBroken(fleet);
      if (deps.clock.now() - heartbeatAt < LEASE_HEARTBEAT) continue;
      heartbeatAt = deps.clock.now();
      deps.lease.heartbeat();
      await extendHeld(fleet);
    }
    return 'running';
  } finally {
    stop.forget();
    await stopFleet(fleet);
  }
}
