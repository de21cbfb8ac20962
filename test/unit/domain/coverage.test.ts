import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codesOf, cutRuns, type Run, replaceInRuns, runsOf, runsOfChunk } from '../../../shared/domain/coverage.ts';
import { VERDICTS, verdictCode, verdictOf } from '../../../shared/domain/verdict.ts';

/** Few verdicts, so that neighbours are often alike. */
const codes = fc
  .array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 60 })
  .map((list) => Uint8Array.from(list));

const codesOfRuns = (runs: readonly Run[]): number[] =>
  runs.flatMap(([length, verdict]) => Array.from({ length }, () => verdictCode(verdict)));

describe('the runs of a chunk', () => {
  it('are cut into those of each address, and nothing is lost between two', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 12 }),
        fc.infiniteStream(fc.nat(3)),
        (hosts, ports, drawn) => {
          const all = Uint8Array.from({ length: hosts * ports }, () => drawn.next().value ?? 0);
          const rows = [...cutRuns(runsOf(all), ports)];
          expect(rows.map(codesOfRuns)).toEqual(
            Array.from({ length: hosts }, (_, host) => [...all.subarray(host * ports, (host + 1) * ports)]),
          );
        },
      ),
    );
  });

  it('take other verdicts in any place, and neighbours with one verdict are one run', () => {
    fc.assert(
      fc.property(codes, fc.array(fc.tuple(fc.nat(59), fc.constantFrom(...VERDICTS.slice(0, 4)))), (all, drawn) => {
        const others = new Map(drawn.filter(([at]) => at < all.length));
        const expected = Uint8Array.from(all, (code, at) => verdictCode(others.get(at) ?? verdictOf(code)));
        expect(replaceInRuns(runsOf(all), others)).toEqual(runsOf(expected));
      }),
    );
  });

  it('are as the record has them, or all pending where the record is none of this chunk', () => {
    fc.assert(
      fc.property(codes, (all) => {
        const runs = runsOf(all);
        expect(runsOfChunk(runs, all.length)).toBe(runs);
        expect(codesOf(runs, all.length)).toEqual(all);
        const pending = [[all.length + 1, 'pending']];
        expect([runsOfChunk(runs, all.length + 1), runsOfChunk(undefined, all.length + 1)]).toEqual([pending, pending]);
      }),
    );
  });
});
