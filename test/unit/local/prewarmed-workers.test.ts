import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FromWorker } from '../../../local/worker-messages.ts';
import { makePrewarmedWorkers, type PrewarmedWorkers } from '../../../local/worker-process.ts';
import { epochMillis } from '../../../shared/domain/units.ts';
import { tempDir } from '../../helpers/temp-dir.ts';

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

  it('that were not taken are none after they were dismissed', () => {
    const prewarmed = sparesOf(OBEDIENT);
    prewarmed.fillUp(2);
    const taken = prewarmed.take();
    prewarmed.dismiss();
    expect(prewarmed.take()).toBeUndefined();
    taken?.kill();
  });
});
