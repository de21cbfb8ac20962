import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressIndex } from '../../../shared/domain/addresses/address-set.ts';
import type { ChunkNumber } from '../../../shared/domain/units.ts';
import { buildChunk } from '../../../shared/plan/split-chunks.ts';
import { hostReports } from '../../../shared/usecases/host-reports.ts';
import { arbitraryCodes, arbitraryScan, storeOf } from '../../helpers/stored-scan.ts';

describe('The hosts of a report', () => {
  it('come in the order of the plan, each before anything of the next chunk is read', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryScan, arbitraryCodes, async (scan, codes) => {
        const store = await storeOf(scan, codes[Symbol.iterator]());
        const { at } = addressIndex(scan.plan.addresses);
        const read: ChunkNumber[] = [];
        const watched = {
          ...store,
          readFindings: (...[id, chunk]: Parameters<typeof store.readFindings>) => {
            read.push(chunk);
            return store.readFindings(id, chunk);
          },
        };
        const hosts: string[] = [];
        for await (const { address } of hostReports(scan, watched)) {
          hosts.push(address);
          const last = read.at(-1) ?? expect.unreachable();
          expect(buildChunk(scan.plan, last, at).addresses).toContain(address);
        }
        expect(hosts).toEqual(Array.from({ length: scan.plan.geometry.addressCount }, (_, index) => at(index)));
      }),
    );
  });
});
