import { describe } from 'vitest';
import { benchOf, type MakeQueue } from './queue-bench.ts';
import { deadLetters, deduplication } from './queue-dead-letters.ts';
import { delivering, extending, redelivering } from './queue-deliveries.ts';
import { groups, scansApart } from './queue-groups.ts';

/** What every queue of chunks must do, whatever it is built on. */
export function chunkQueueContract(name: string, makeQueue: MakeQueue): void {
  const setUp = benchOf(makeQueue);
  describe(`${name} delivers messages`, () => delivering(setUp));
  describe(`${name} takes back what was not finished`, () => redelivering(setUp));
  describe(`${name} extends a delivery`, () => extending(setUp));
  describe(`${name} keeps groups`, () => groups(setUp));
  describe(`${name} sets dead letters aside`, () => deadLetters(setUp));
  describe(`${name} sends nothing twice`, () => deduplication(setUp));
}

/** What the queues of one machine do beside: each is the queue of one scan, and forgets what was deleted. */
export function perScanQueueContract(name: string, makeQueue: MakeQueue): void {
  const setUp = benchOf(makeQueue);
  describe(`${name}, being the queue of one scan,`, () => scansApart(setUp));
}
