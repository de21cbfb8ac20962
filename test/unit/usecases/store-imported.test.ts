import { describe, expect, it } from 'vitest';
import type { Scan } from '../../../shared/domain/scan.ts';
import { chunkNumber } from '../../../shared/domain/units.ts';
import { importedInto } from '../../../shared/usecases/store-imported.ts';
import { makeMemoryScanStore } from '../../helpers/memory-scan-store.ts';
import { coverageOfChunk, findingsOfChunk, sampleScan, sampleSummary } from '../../helpers/sample-scan.ts';

const over = (): Scan => {
  const scan = sampleScan({ chunks: 3 });
  return { ...scan, status: 'complete', summary: sampleSummary(), finishedAt: scan.submittedAt };
};

async function* chunksUpTo(end: number) {
  for (let number = 0; number < 3; number++) {
    if (number === end) throw new Error('killed');
    const chunk = chunkNumber(number);
    yield { coverage: coverageOfChunk(chunk), findings: findingsOfChunk(chunk) };
  }
}

describe('An import', () => {
  it('that dies half-way leaves no scan that is called complete, and is taken up by the next one', async () => {
    const [store, scan] = [makeMemoryScanStore(), over()];
    await expect(importedInto(store, scan, chunksUpTo(2))).rejects.toThrow('killed');
    expect((await store.readScan(scan.id))?.status).toBe('finalizing');
    expect(await importedInto(store, scan, chunksUpTo(3))).toBe(true);
    expect(await store.readScan(scan.id)).toEqual(scan);
    expect(await store.readFindings(scan.id, chunkNumber(2))).toEqual(findingsOfChunk(chunkNumber(2)));
  });

  it('of what is kept already changes nothing', async () => {
    const [store, scan] = [makeMemoryScanStore(), over()];
    await importedInto(store, scan, chunksUpTo(3));
    expect(await importedInto(store, scan, chunksUpTo(0))).toBe(false);
  });
});
