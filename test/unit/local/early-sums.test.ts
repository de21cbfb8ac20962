import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeEarlySums } from '../../../local/early-sums.ts';
import { type ChunkNumber, chunkNumber, epochMillis } from '../../../shared/domain/units.ts';
import { summarise } from '../../../shared/usecases/aggregate-scan.ts';
import { arbitraryCodes, arbitraryScan, storeOf } from '../../helpers/stored-scan.ts';

const UNTIL = epochMillis(2_000_000_000_000);

describe('A scan that is summed up while it runs', () => {
  it('comes to the same sums, in whatever order its chunks end, and however many are left for the end', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryScan, arbitraryCodes, fc.infiniteStream(fc.nat(99)), async (scan, codes, drawn) => {
        const store = await storeOf(scan, codes);
        const { chunks } = scan.plan.geometry;
        const order = Array.from({ length: chunks }, (_, chunk) => ({ chunk, rank: drawn.next().value ?? 0 }));
        order.sort((a, b) => a.rank - b.rank);
        const early = makeEarlySums(scan, store);
        for (const { chunk } of order.slice(0, (drawn.next().value ?? 0) % (chunks + 1)))
          early.ended(chunkNumber(chunk));
        const sums = await early.settled();
        await sums?.readUpTo(chunks);
        expect(await sums?.summary({}, UNTIL)).toEqual(await summarise(scan, { store }, UNTIL));
      }),
    );
  });

  it('is summed up by whoever needs the sums where a chunk could not be read meanwhile', async () => {
    const [scan] = fc.sample(arbitraryScan, 1);
    if (!scan) expect.unreachable();
    const store = await storeOf(scan, fc.sample(arbitraryCodes, 1)[0] ?? [][Symbol.iterator]());
    const broken = { ...store, readCoverage: async () => Promise.reject(new Error('the disk is gone')) };
    const early = makeEarlySums(scan, broken);
    for (let chunk = 0; chunk < scan.plan.geometry.chunks; chunk++) early.ended(chunkNumber(chunk));
    expect(await early.settled()).toBeUndefined();
  });

  it('reads no chunk before those that come before it have ended', async () => {
    const [scan] = fc.sample(
      arbitraryScan.filter(({ plan }) => plan.geometry.chunks > 2),
      1,
    );
    if (!scan) expect.unreachable();
    const store = await storeOf(scan, fc.sample(arbitraryCodes, 1)[0] ?? [][Symbol.iterator]());
    const read: ChunkNumber[] = [];
    const watched: typeof store = {
      ...store,
      readCoverage: async (id, chunk) => {
        read.push(chunk);
        return store.readCoverage(id, chunk);
      },
    };
    const early = makeEarlySums(scan, watched);
    for (const chunk of [2, 0]) early.ended(chunkNumber(chunk));
    await early.settled();
    expect(read).toEqual([0]);
  });
});
