import { MAX_DELIVERIES } from '../../shared/domain/limits.ts';
import type { ChunkMessage } from '../../shared/domain/scan.ts';
import type { ScanId } from '../../shared/domain/units.ts';
import type { ChunkQueue, Outgoing } from '../../shared/seams/chunk-queue.ts';
import type { Clock } from '../../shared/seams/clock.ts';

interface Waiting extends Outgoing {
  deliveries: number;
  invisibleUntil: number;
  receipt: string | null;
}

/**
 * The queues of all scans of one deployment; `queueOf` gives that of one scan, as the SQLite queue is. The plainest
 * words there are: every receive looks at every message.
 */
export function makeMemoryChunkQueues(
  clock: Pick<Clock, 'wall'>,
  maxDeliveries: number = MAX_DELIVERIES,
): (scanId: ScanId) => ChunkQueue {
  let waiting: Waiting[] = [];
  let deadLetters: ChunkMessage[] = [];
  let receipts = 0;

  const isInFlight = ({ invisibleUntil }: Waiting): boolean => invisibleUntil > clock.wall();
  const isBlocked = (message: Waiting, position: number): boolean =>
    waiting.some((other, at) => {
      if (other.group !== message.group) return false;
      return isInFlight(other) || (at < position && other.message.scanId === message.message.scanId);
    });

  const nextOf = (scanId: ScanId): Waiting | undefined =>
    waiting.find((each, position) => each.message.scanId === scanId && !isBlocked(each, position));

  return (scanId) => ({
    send: async (messages) => {
      for (const outgoing of messages) {
        if (waiting.some((other) => other.deduplicationKey === outgoing.deduplicationKey)) continue;
        waiting.push({ ...outgoing, deliveries: 0, invisibleUntil: 0, receipt: null });
      }
    },
    receive: async (limit, visibility) => {
      const taken: Waiting[] = [];
      for (let next = nextOf(scanId); next && taken.length < limit; next = nextOf(scanId)) {
        if (next.deliveries >= maxDeliveries) {
          const dead = next;
          waiting = waiting.filter((each) => each !== dead);
          deadLetters.push(dead.message);
          continue;
        }
        next.deliveries++;
        next.invisibleUntil = clock.wall() + visibility;
        next.receipt = `${++receipts}`;
        taken.push(next);
      }
      return taken.map(({ message, group, deliveries, receipt }) => ({
        message,
        group,
        receipt: receipt ?? '',
        receiveCount: deliveries,
      }));
    },
    delete: async ({ receipt }) => {
      waiting = waiting.filter((each) => each.receipt !== receipt);
    },
    extend: async ({ receipt }, visibility) => {
      for (const each of waiting) {
        if (each.receipt === receipt && isInFlight(each)) each.invisibleUntil = clock.wall() + visibility;
      }
    },
    release: async ({ receipt }) => {
      for (const each of waiting) if (each.receipt === receipt) each.invisibleUntil = 0;
    },
    takeDeadLetters: async (limit) => {
      const taken = deadLetters.filter((letter) => letter.scanId === scanId).slice(0, limit);
      deadLetters = deadLetters.filter((letter) => !taken.includes(letter));
      return taken;
    },
    depth: async () => waiting.filter(({ message }) => message.scanId === scanId).length,
  });
}
