import { expect, it } from 'vitest';
import { millis, type ScanId } from '../../shared/domain/units.ts';
import type { Watch } from '../../shared/domain/watch.ts';
import type { Prober } from '../../shared/seams/prober.ts';
import type { ScanStore } from '../../shared/seams/scan-store.ts';
import type { WatchStore } from '../../shared/seams/watch-store.ts';
import { advanceWatch, type WatchScans } from '../../shared/usecases/advance-watch.ts';
import { hostReports } from '../../shared/usecases/host-reports.ts';
import { manualClock } from '../helpers/manual-clock.ts';
import { patientClock } from '../helpers/patient-clock.ts';
import { freshScanId } from '../helpers/sample-scan.ts';
import { sampleWatch } from '../helpers/sample-watch.ts';
import { watchedFleet } from '../helpers/watched-fleet.ts';

export interface WeighedStores {
  readonly store: ScanStore;
  readonly watches: WatchStore;
  /** Bytes of all that is stored now. */
  weigh(): Promise<number>;
}

/** What a run of 256 hosts × 100 ports may add to what is stored, in bytes. */
const MOST_BYTES = 20_000;

/** Of each host of a made-up network these are open, and the rest closed. */
const OPEN_PORTS: readonly number[] = [22, 80, 443];
const ANSWERS: Prober = {
  send(_, tell) {
    const timer = setImmediate(() => tell({ kind: 'accepted' }));
    return { cancel: () => clearImmediate(timer) };
  },
};

/**
 * What every place where watches are kept holds of runs in which nothing changed, so many of which are kept beside each
 * other: a file grows by pages, which one run does not fill.
 */
export function watchBytesContract(name: string, open: () => Promise<WeighedStores>, kept: number): void {
  it(`${name} holds less than 20 KB of a run of 256 hosts with 100 ports each in which nothing changed`, async () => {
    const { store, watches, weigh } = await open();
    const clock = manualClock();
    const network = { prober: ANSWERS, clock: patientClock(), run: <Value>(work: Promise<Value>) => work };
    const { scans: fleet, work } = watchedFleet({
      ...{ store, clock, network, flushEvery: millis(1) },
      isClosed: ({ port }) => !OPEN_PORTS.includes(port),
    });
    const over: ScanId[] = [];
    let maySpare = false;
    const discard = async (id: ScanId): Promise<void> => {
      if (maySpare) over.push(id);
      else await fleet.discard(id);
    };
    const scans: WatchScans = { ...fleet, discard };
    const watch = sampleWatch({
      spec: { request: { targets: ['127.77.0.0/24'], topPorts: 100 }, notify: ['sns'] },
      nextRunAt: clock.wall(),
    });
    await watches.createWatch(watch);
    const now = async (): Promise<Watch> => (await watches.readWatch(watch.id)) ?? expect.unreachable();
    const advance = () => advanceWatch(watch.id, { watches, scans, clock, newId: freshScanId });
    /** Goes on until so many runs are over. */
    async function runs(count: number): Promise<void> {
      while ((await now()).runs[0]?.number !== count) {
        const { phase, nextRunAt } = await now();
        const due = phase.kind === 'between-rounds' ? phase.until : (nextRunAt ?? 0);
        clock.advance(Math.max(0, due - clock.wall()) as Parameters<typeof clock.advance>[0]);
        await advance();
        await work();
        await advance();
      }
    }
    await runs(1);
    const before = await weigh();
    maySpare = true;
    await runs(1 + kept);
    const together = await weigh();
    expect((await now()).runs.slice(0, kept)).toMatchObject(
      Array.from({ length: kept }, (_, nth) => ({ number: 1 + kept - nth, rounds: 1, changes: 0 })),
    );
    const { items } = await store.listScans({ limit: 1 + kept });
    expect(items).toHaveLength(1 + kept);
    for (const { summary } of items) expect(summary).toMatchObject({ planned: 25_600, pending: 0 });
    for await (const host of hostReports(items[0] ?? expect.unreachable(), store)) {
      expect(host.findings.map(({ port }) => port)).toEqual(OPEN_PORTS);
    }
    expect(together).toBeGreaterThan(before);
    expect((together - before) / kept).toBeLessThan(MOST_BYTES);
    for (const id of over) await fleet.discard(id);
    expect((await weigh()) - before).toBeLessThan(MOST_BYTES);
    console.info(`${name}: ${Math.round((together - before) / kept)} bytes of a run that is kept`);
  });
}
