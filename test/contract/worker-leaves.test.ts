import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { STORE_FILE } from '../../local/data-dir.ts';
import { openLocalNode } from '../../local/local-node.ts';
import type { ToWorker } from '../../local/worker-messages.ts';
import { chunkNumber, epochMillis } from '../../shared/domain/units.ts';
import { sampleScan } from '../helpers/sample-scan.ts';
import { tempDir } from '../helpers/temp-dir.ts';

const WORKER = fileURLToPath(new URL('../../dist/worker.cjs', import.meta.url));

describe('A worker process', () => {
  it('ends when its fleet is gone while it is told to stop, and does not spin on a channel that is closed', async () => {
    const directory = tempDir();
    const node = openLocalNode(directory);
    const scan = sampleScan({ status: 'running' });
    await node.store.createScan(scan);
    await node.close();
    const worker = fork(WORKER, { stdio: 'ignore' });
    onTestFinished(() => void worker.kill('SIGKILL'));
    const exit = once(worker, 'exit');
    const beginning = {
      databasePath: join(directory, STORE_FILE),
      now: epochMillis(Date.now()),
      sockets: 16,
      forecastEvery: null,
    };
    worker.send({ kind: 'begin', beginning } satisfies ToWorker);
    await once(worker, 'message');
    // With a chunk in hand it writes what it knows before it leaves; by then the channel is closed.
    worker.send({
      kind: 'chunk',
      message: { scanId: scan.id, chunk: chunkNumber(0) },
      receiveCount: 1,
    } satisfies ToWorker);
    worker.send({ kind: 'stop' } satisfies ToWorker);
    worker.disconnect();
    const [, signal] = await exit;
    expect(signal).toBeNull();
  });
});
