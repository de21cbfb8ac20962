import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { FromWorker } from '../../../local/worker-messages.ts';
import { makePrewarmedWorkers, type PrewarmedWorkers } from '../../../local/worker-process.ts';
import { epochMillis } from '../../../shared/domain/units.ts';
import { tempDir } from '../../helpers/temp-dir.ts';

const ROOT = new URL('../../../', import.meta.url);

/** Reports ready when it is told to begin, with the sockets it was told; ends when it is told to stop. */
const OBEDIENT = `process.on('message', ({ kind, beginning }) => {
  if (kind === 'begin') process.send({ kind: 'ready', sockets: beginning.sockets });
  if (kind === 'stop') process.disconnect();
});`;

function sparesOf(source: string): PrewarmedWorkers {
  const module = join(tempDir(), 'worker.mjs');
  writeFileSync(module, source);
  return makePrewarmedWorkers(module);
}

describe('Spare workers', () => {
  it('are started up to a number, each taken once', () => {
    const prewarmed = sparesOf(OBEDIENT);
    prewarmed.fillUp(1);
    prewarmed.fillUp(2);
    prewarmed.fillUp(1);
    const taken = [prewarmed.take(), prewarmed.take(), prewarmed.take()];
    expect(new Set(taken.slice(0, 2).map((worker) => worker?.pid)).size).toBe(2);
    expect(taken[2]).toBeUndefined();
    for (const worker of taken) worker?.kill();
  });

  it('find what they were told while they booted', async () => {
    const prewarmed = sparesOf(OBEDIENT);
    prewarmed.fillUp(1);
    const worker = prewarmed.take();
    const heard = new Promise<FromWorker>((resolve) =>
      worker?.begin({ databasePath: '', sockets: 7, forecastEvery: null, now: epochMillis(0) }, resolve),
    );
    expect(await heard).toEqual({ kind: 'ready', sockets: 7 });
    worker?.stop();
    expect(await worker?.gone).toBe(true);
  });

  it('that died before they were taken are gone without having been ready', async () => {
    const prewarmed = sparesOf('process.exit(1);');
    prewarmed.fillUp(1);
    expect(await prewarmed.take()?.gone).toBe(false);
  });

  it('that could not be started, for want of a descriptor, are dismissed without a signal to all of the group', async () => {
    const script = join(tempDir(), 'no-descriptor.ts');
    writeFileSync(
      script,
      `import { openSync } from 'node:fs';
      import { makePrewarmedWorkers } from '${fileURLToPath(new URL('local/worker-process.ts', ROOT))}';
      const prewarmed = makePrewarmedWorkers('/nowhere');
      try {
        for (;;) openSync('/dev/null', 'r');
      } catch {}
      prewarmed.fillUp(2);
      prewarmed.dismiss();`,
    );
    const loader = fileURLToPath(new URL('bench/load-typescript.mjs', ROOT));
    const words = ['-c', 'ulimit -n 64; exec "$@"', 'sh', process.execPath, '--import', loader, script];
    // In a group of its own, which the signal would end, and not that of the tests.
    const child = spawn('sh', words, { cwd: ROOT, detached: true, stdio: 'ignore' });
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('that were not taken are none after they were dismissed', () => {
    const prewarmed = sparesOf(OBEDIENT);
    prewarmed.fillUp(2);
    const taken = prewarmed.take();
    prewarmed.dismiss();
    expect(prewarmed.take()).toBeUndefined();
    taken?.kill();
  });
});
