import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openLocalNode } from '../../local/local-node.ts';
import { MAX_DELIVERIES } from '../../shared/domain/limits.ts';
import { sampleScan } from '../helpers/sample-scan.ts';
import { tempDir } from '../helpers/temp-dir.ts';

/** A worker that dies of its chunk each time; as progress it tells which delivery this is. */
const DIES = `
process.on('message', (message) => {
  if (message.kind === 'begin') process.send({ kind: 'ready', sockets: 1 });
  if (message.kind === 'stop') process.exit(0);
  if (message.kind === 'chunk')
    process.send({ kind: 'progress', chunk: message.message.chunk, settled: message.receiveCount }, () => process.exit(1));
});`;

it('A worker hears how often its chunk was delivered, which its record bounds and not the queue', async () => {
  const workerModule = join(tempDir(), 'worker.mjs');
  writeFileSync(workerModule, DIES);
  const node = openLocalNode(tempDir());
  const scan = sampleScan({ status: 'running' });
  await node.store.createScan(scan);
  const [enough, told] = [new AbortController(), [] as number[]];
  await node.run(scan, {
    ...{ workers: 1, workerModule, start: 'resumed', signal: enough.signal },
    events: {
      onFound: () => {},
      onProgress: (_chunk, { settled }) => {
        told.push(settled);
        if (told.length > MAX_DELIVERIES + 1) enough.abort();
      },
    },
    log: { info: () => {}, warn: () => {} },
  });
  await node.close();
  expect(told.slice(0, MAX_DELIVERIES + 2)).toEqual([1, 2, 3, 4, 5, 6, 7]);
});
