import { describe, expect, it } from 'vitest';
import { documentResponse } from '../../../shared/api/document-response.ts';
import { storedChunks } from '../../../shared/usecases/host-reports.ts';
import { makeMemoryScanStore } from '../../helpers/memory-scan-store.ts';
import { sampleScan } from '../../helpers/sample-scan.ts';

/** How often the event loop turned until the work was done. */
async function turnsOf(work: () => Promise<unknown>): Promise<number> {
  const count = { turns: 0, isDone: false };
  const look = (): void => {
    count.turns += 1;
    if (!count.isDone) setImmediate(look);
  };
  setImmediate(look);
  await work();
  count.isDone = true;
  return count.turns;
}

describe('Others are answered', () => {
  it('while all chunks of a scan are read from a store that answers at once', async () => {
    const scan = sampleScan({ chunks: 160 });
    const store = makeMemoryScanStore();
    await store.createScan(scan);
    let chunks = 0;
    const turns = await turnsOf(async () => {
      for await (const _ of storedChunks(scan, store)) chunks += 1;
    });
    expect(chunks).toBe(160);
    expect(turns).toBeGreaterThanOrEqual(10);
  });

  it('while a document of megabytes is written for a reader who takes it at once', async () => {
    const pieces = async function* (): AsyncGenerator<string, void, void> {
      for (let piece = 0; piece < 640; piece++) yield 'x'.repeat(6_554);
    };
    const response = await documentResponse(pieces(), { mediaType: 'text/plain', fileName: 'x', mostBytes: null });
    if (!response.ok) expect.unreachable();
    let length = 0;
    const turns = await turnsOf(async () => {
      length = (await response.value.text()).length;
    });
    expect(length).toBe(640 * 6_554);
    expect(turns).toBeGreaterThanOrEqual(60);
  });
});
