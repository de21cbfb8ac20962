import type { Scan } from '../domain/scan.ts';
import { chunkNumbers, outgoingOf } from '../plan/outgoing.ts';
import type { ChunkSender } from '../seams/chunk-queue.ts';
import type { Clock } from '../seams/clock.ts';
import type { ScanStore } from '../seams/scan-store.ts';
import { sendTurn, type TurnDeps } from './send-turn.ts';

/*
 * A scan goes out in one of two ways, and the sweeper sends what either of them left behind when it died half-way:
 *
 *   one machine   submitScan      every chunk onto the queue
 *   a fleet       startScan       as many chunks as are its share of the fleet; the rest turn by turn (see `sendTurn`)
 */

interface SendDeps {
  readonly store: Pick<ScanStore, 'changeStatus'>;
  readonly clock: Pick<Clock, 'wall'>;
}

/** First, because a chunk that is delivered at once must find its scan running. */
const setRunning = ({ id }: Scan, { store, clock }: SendDeps): Promise<boolean> =>
  store.changeStatus(id, 'planned', 'running', clock.wall());

/** Messages handed to the queue at once. */
const SEND_BATCH = 1_000;

/** Stores a scan and sends all its chunks to the queue of one machine. */
export async function submitScan(
  scan: Scan,
  deps: SendDeps & { readonly queue: ChunkSender; readonly store: Pick<ScanStore, 'createScan'> },
): Promise<Scan> {
  await deps.store.createScan(scan);
  await setRunning(scan, deps);
  const { chunks } = scan.plan.geometry;
  for (let first = 0; first < chunks; first += SEND_BATCH) {
    await deps.queue.send(outgoingOf(scan, chunkNumbers(first, Math.min(SEND_BATCH, chunks - first))));
  }
  return { ...scan, status: 'running' };
}

/** Sends a stored scan on its way, in the time that one request has. May be called twice for one scan. */
export async function startScan(scan: Scan, deps: TurnDeps & SendDeps): Promise<Scan> {
  await setRunning(scan, deps);
  const running: Scan = { ...scan, status: 'running' };
  await sendTurn(running, { scanId: scan.id, first: 0, count: scan.plan.geometry.chunks, generation: 0 }, deps);
  return running;
}
