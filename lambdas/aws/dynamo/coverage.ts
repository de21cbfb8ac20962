import { type ChunkCoverage, type ChunkForecast, distanceToEnd } from '../../../shared/domain/coverage.ts';
import type { NamesOfAddresses } from '../../../shared/domain/reverse-names.ts';
import type { ChunkNumber, ScanId } from '../../../shared/domain/units.ts';
import type { Verdict } from '../../../shared/domain/verdict.ts';
import { packRuns, unpackRuns } from '../../../shared/records/packed-runs.ts';
import { type TallyRecord, tallyOf, tallyRecord } from '../../../shared/records/stored-summary.ts';
import type { ScanStore } from '../../../shared/seams/scan-store.ts';
import { ITEM_LAYOUT, refuseNewer, type WrittenBy } from './item-layout.ts';
import { coverageKey } from './keys.ts';
import type { Retention } from './retention.ts';
import type { Item, Table } from './table.ts';

type Coverage = Pick<ScanStore, 'putCoverage' | 'readCoverage' | 'countDelivery' | 'replaceCoverage'>;

/**
 * `pending` is an attribute of its own because it decides whether the record may be replaced. An item that a delivery was
 * counted in before anything was settled has `idle` alone.
 */
interface CoverageAttributes extends WrittenBy {
  readonly pending: number;
  /** JSON. */
  readonly verdicts: string;
  readonly codes: Uint8Array;
  /** JSON. */
  readonly tally: string;
  readonly idle?: number;
  /** JSON. */
  readonly names?: string;
  /** JSON. */
  readonly forecast?: string;
  readonly expires: number;
}

export type CoverageItem = Item<CoverageAttributes>;

export function makeCoverage(table: Table, retention: Retention): Coverage {
  return {
    putCoverage: async (id, coverage) => {
      const item = coverageItem(id, coverage, retention.expires());
      await table.put(
        { ...item },
        {
          condition: 'attribute_not_exists(pending) OR pending >= :pending',
          values: { ':pending': item.pending },
        },
      );
    },
    replaceCoverage: async (id, coverage) => {
      await table.put({ ...coverageItem(id, coverage, retention.expires()) });
    },
    readCoverage: async (id, chunk) => {
      const item = await table.get<CoverageAttributes>(coverageKey(id, chunk));
      return item && coverageOf(chunk, item);
    },
    countDelivery: async (id, chunk) => {
      const counted = await table.update<CoverageAttributes>(coverageKey(id, chunk), {
        expression: 'SET expires = :expires ADD idle :one',
        values: { ':expires': retention.expires(), ':one': 1 },
      });
      return counted?.idle ?? 0;
    },
  };
}

function coverageItem(id: ScanId, coverage: ChunkCoverage, expires: number): CoverageItem {
  const { chunk, runs, tally, idle, names, forecast } = coverage;
  const { verdicts, codes } = packRuns(runs);
  return {
    ...coverageKey(id, chunk),
    layout: ITEM_LAYOUT,
    pending: distanceToEnd(runs),
    verdicts: JSON.stringify(verdicts),
    codes,
    tally: JSON.stringify(tallyRecord(tally)),
    ...(idle && { idle }),
    ...(names && { names: JSON.stringify(names) }),
    ...(forecast && { forecast: JSON.stringify(forecast) }),
    expires,
  };
}

export function coverageOf(chunk: ChunkNumber, item: Partial<CoverageItem>): ChunkCoverage | undefined {
  refuseNewer(item);
  const { verdicts, codes, tally, idle, names, forecast } = item;
  if (verdicts === undefined || codes === undefined || tally === undefined) return undefined;
  return {
    chunk,
    runs: unpackRuns({ verdicts: JSON.parse(verdicts) as Verdict[], codes }),
    tally: tallyOf(JSON.parse(tally) as TallyRecord),
    ...(idle && { idle }),
    ...(names !== undefined && { names: JSON.parse(names) as NamesOfAddresses }),
    ...(forecast !== undefined && { forecast: JSON.parse(forecast) as ChunkForecast }),
  };
}
