import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../local/sqlite/open-database.ts';
import { makeSqliteScanStore } from '../../local/sqlite/scan-store.ts';
import type { ScanStore } from '../../shared/seams/scan-store.ts';
import { seededRandom } from '../helpers/faults.ts';
import { type Happening, runWorld } from '../helpers/fleet-model/world.ts';
import { makeMemoryScanStore } from '../helpers/memory-scan-store.ts';
import { tempDir } from '../helpers/temp-dir.ts';
import { ROUNDS, randomOf } from './rounds.ts';

const random = randomOf('protocol');

/** For each store; a schedule takes half a second, a round of killed commands five. */
const WORLDS = 2 * ROUNDS;

/** In fewer schedules something rare may be missing. */
const ENOUGH = 40;

afterAll(() => console.info('protocol:', JSON.stringify(seen), JSON.stringify(statuses)));

const seen: Partial<Record<Happening, number>> = {};
const statuses: Record<string, number> = {};

const stores: Readonly<Record<string, () => ScanStore>> = {
  memory: makeMemoryScanStore,
  SQLite: () => makeSqliteScanStore(openDatabase(join(tempDir(), 'portfleet.db'))),
};

describe.each(Object.keys(stores))('The protocol of a fleet over %s, under schedules at random,', (name) => {
  it.each(Array.from({ length: WORLDS }, () => Math.floor(random() * 2 ** 32)))(
    'ends every scan, loses nothing and invents nothing (seed %i)',
    async (seed) => {
      const store = stores[name]?.() ?? expect.unreachable();
      const roll = seededRandom(seed);
      const weather = { death: 0.05 * roll(), failure: 0.08 * roll(), slowness: 0.05 * roll() };
      const { scans, broken, happened } = await runWorld({
        random: roll,
        store,
        weather,
        scans: 1 + Math.floor(4 * roll()),
        workers: 1 + Math.floor(5 * roll()),
      });
      await store.close();
      expect(broken).toEqual([]);
      for (const [what, count] of Object.entries(happened) as [Happening, number][])
        seen[what] = (seen[what] ?? 0) + count;
      for (const { status } of scans) statuses[status] = (statuses[status] ?? 0) + 1;
    },
  );
});

it.runIf(WORLDS >= ENOUGH)('The schedules had everything in them that they are to have', () => {
  for (const what of [
    'deaths',
    'dead letters',
    'sent on',
    'given up',
    'swept',
    'cancelled',
    'resumed',
    'replaced',
  ] as const) {
    expect([what, seen[what] ?? 0]).not.toEqual([what, 0]);
  }
});
