import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeSqliteChunkQueue } from '../../local/sqlite/chunk-queue.ts';
import { openDatabase } from '../../local/sqlite/open-database.ts';
import { chunkNumber, type Millis, millis, type ScanId } from '../../shared/domain/units.ts';
import type { ChunkQueue, Delivery } from '../../shared/seams/chunk-queue.ts';
import { manualClock } from '../helpers/manual-clock.ts';
import { makeMemoryChunkQueues } from '../helpers/memory-chunk-queue.ts';
import { freshScanId } from '../helpers/sample-scan.ts';
import { tempDir } from '../helpers/temp-dir.ts';

const VISIBILITY = millis(100);

/** Two scans, few groups and few chunks, so that everything gets into everything else's way. */
const scan = fc.nat(1);
const held = fc.nat(30);
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('send' as const), scan, chunk: fc.nat(9), group: fc.nat(2) }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('receive' as const), scan, limit: fc.integer({ min: 1, max: 4 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const), held }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('release' as const), held }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('extend' as const), held, by: fc.integer({ min: 1, max: 300 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('elapse' as const), by: fc.integer({ min: 1, max: 150 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('takeDeadLetters' as const), scan, limit: fc.nat(2) }) },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

interface Machine {
  readonly queues: readonly ChunkQueue[];
  readonly scans: readonly ScanId[];
  /** Every delivery there ever was, so that old receipts are used as well. */
  readonly deliveries: Delivery[];
  advance(by: Millis): void;
}

function machine(
  scans: readonly ScanId[],
  queueOf: (scan: ScanId) => ChunkQueue,
  advance: (by: Millis) => void,
): Machine {
  return { queues: scans.map(queueOf), scans, deliveries: [], advance };
}

/** What a step shows to the outside; receipts are each queue's own business. */
async function take(step: Step, { queues, scans, deliveries, advance }: Machine): Promise<unknown> {
  const queueAt = (index: number): ChunkQueue => queues[index] ?? expect.unreachable();
  const receipt = 'held' in step ? deliveries[step.held % deliveries.length] : undefined;
  switch (step.do) {
    case 'send': {
      const message = { scanId: scans[step.scan] ?? expect.unreachable(), chunk: chunkNumber(step.chunk) };
      const deduplicationKey = `${step.scan}.${step.chunk}`;
      await queueAt(step.scan).send([{ message, group: `group ${step.group}`, deduplicationKey }]);
      return queueAt(step.scan).depth();
    }
    case 'receive': {
      const received = await queueAt(step.scan).receive(step.limit, VISIBILITY);
      deliveries.push(...received);
      return received.map(({ message, group, receiveCount }) => ({ message, group, receiveCount }));
    }
    case 'delete':
      return receipt && queueAt(0).delete(receipt);
    case 'release':
      return receipt && queueAt(0).release(receipt);
    case 'extend':
      return receipt && queueAt(0).extend(receipt, millis(step.by));
    case 'elapse':
      return advance(millis(step.by));
    case 'takeDeadLetters':
      return queueAt(step.scan).takeDeadLetters(step.limit);
    default:
      return step satisfies never;
  }
}

describe('The queue over SQLite', () => {
  it('does the same as the one in memory, whatever is asked of it', async () => {
    const db = openDatabase(join(tempDir(), 'portfleet.db'));
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
        const scans = [freshScanId(), freshScanId()];
        db.immediate(() => db.prepare('DELETE FROM messages').run());
        const [mine, reference] = [manualClock(), manualClock()];
        const sqlite = machine(scans, (id) => makeSqliteChunkQueue(db, id, mine, { maxDeliveries: 3 }), mine.advance);
        const memory = machine(scans, makeMemoryChunkQueues(reference, 3), reference.advance);
        for (const each of steps) expect(await take(each, sqlite)).toEqual(await take(each, memory));
      }),
      { numRuns: 300 },
    );
    db.close();
  });
});
