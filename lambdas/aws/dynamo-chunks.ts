import { type ChunkCoverage, countCoverage, type ProbeTally } from '../../shared/domain/coverage.ts';
import type { ChunkNumber, ScanId } from '../../shared/domain/units.ts';
import type { Verdict } from '../../shared/domain/verdict.ts';
import { packRuns, unpackRuns } from '../../shared/records/packed-runs.ts';
import type { Clock } from '../../shared/seams/clock.ts';
import type { ScanStore } from '../../shared/seams/scan-store.ts';
import { bytes, bytesOf, type Item, type ItemKey, keyItem, number, text, textOf } from './attributes.ts';
import { findingsItems, findingsOf } from './findings-items.ts';
import { chunkPartition, coverageKey, findingsPrefix } from './keys.ts';
import type { Retention } from './retention.ts';
import type { Table } from './table.ts';

type Chunks = Pick<ScanStore, 'putFindings' | 'readFindings' | 'putCoverage' | 'readCoverage'>;

export function makeChunks(table: Table, retention: Retention, clock: Pick<Clock, 'wall'>): Chunks {
  return {
    putFindings: async (id, chunk, findings) => {
      const expires = number(retention.expires());
      const key = (name: string): ItemKey => ({
        pk: chunkPartition(id, chunk),
        sk: `${findingsPrefix(chunk)}${name}`,
      });
      const items = [...findingsItems(findings, clock.wall())];
      await table.putAll(items.map(({ name, attributes }) => ({ ...keyItem(key(name)), ...attributes, expires })));
    },
    readFindings: async (id, chunk) => {
      const items: Item[] = [];
      for await (const item of table.query(chunkPartition(id, chunk), { prefix: findingsPrefix(chunk) })) {
        items.push(item);
      }
      return findingsOf(items);
    },
    putCoverage: async (id, coverage) => {
      await table.put(coverageItem(id, coverage, retention.expires()), {
        condition: 'attribute_not_exists(pk) OR pending >= :pending',
        values: { ':pending': number(countCoverage(coverage.runs).pending) },
      });
    },
    readCoverage: async (id, chunk) => {
      const item = await table.get(coverageKey(id, chunk));
      return item && coverageOf(chunk, item);
    },
  };
}

/** `pending` is an attribute of its own because it decides whether the record may be replaced. */
function coverageItem(id: ScanId, { chunk, runs, tally }: ChunkCoverage, expires: number): Item {
  const { verdicts, codes } = packRuns(runs);
  return {
    ...keyItem(coverageKey(id, chunk)),
    pending: number(countCoverage(runs).pending),
    verdicts: text(JSON.stringify(verdicts)),
    codes: bytes(codes),
    tally: text(JSON.stringify(tally)),
    expires: number(expires),
  };
}

export const coverageOf = (chunk: ChunkNumber, item: Item): ChunkCoverage => ({
  chunk,
  runs: unpackRuns({
    verdicts: JSON.parse(textOf(item, 'verdicts') ?? '[]') as Verdict[],
    codes: bytesOf(item, 'codes') ?? new Uint8Array(),
  }),
  tally: JSON.parse(textOf(item, 'tally') ?? 'null') as ProbeTally,
});
