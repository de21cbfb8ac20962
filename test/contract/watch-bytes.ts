import { expect, it } from 'vitest';
import type { Watch } from '../../shared/domain/watch.ts';
import { systemClock } from '../../shared/net/system-clock.ts';
import type { Prober } from '../../shared/seams/prober.ts';
import type { ScanStore } from '../../shared/seams/scan-store.ts';
import type { WatchStore } from '../../shared/seams/watch-store.ts';
import { advanceWatch } from '../../shared/usecases/advance-watch.ts';
import { manualClock } from '../helpers/manual-clock.ts';
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

/** What every place where watches are kept holds of a run in which nothing changed. */
export function watchBytesContract(name: string, open: () => Promise<WeighedStores>): void {
  it(`${name} holds less than 20 KB of a run of 256 hosts with 100 ports each in which nothing changed`, async () => {
    const { store, watches, weigh } = await open();
    const clock = manualClock();
    const network = { prober: ANSWERS, clock: systemClock, run: <Value>(work: Promise<Value>) => work };
    const { scans, work } = watchedFleet({
      ...{ store, clock, network },
      isClosed: ({ port }) => !OPEN_PORTS.includes(port),
    });
    const watch = sampleWatch({
      spec: { request: { targets: ['127.77.0.0/24'], topPorts: 100 }, notify: ['sns'] },
      nextRunAt: clock.wall(),
    });
    await watches.createWatch(watch);
    const now = async (): Promise<Watch> => (await watches.readWatch(watch.id)) ?? expect.unreachable();
    const advance = () => advanceWatch(watch.id, { watches, scans, clock, newId: freshScanId });
    /** Goes on until so many runs are over; gives the most that was stored meanwhile. */
    async function runs(count: number): Promise<number> {
      let most = 0;
      while ((await now()).runs[0]?.number !== count) {
        const { phase, nextRunAt } = await now();
        const due = phase.kind === 'between-rounds' ? phase.until : (nextRunAt ?? 0);
        clock.advance(Math.max(0, due - clock.wall()) as Parameters<typeof clock.advance>[0]);
        await advance();
        await work();
        most = Math.max(most, await weigh());
        await advance();
      }
      return most;
    }
    await runs(1);
    const before = await weigh();
    const most = await runs(2);
    const after = await weigh();
    expect((await now()).runs).toMatchObject([
      { number: 2, rounds: 1, changes: 0 },
      { number: 1, changes: 0 },
    ]);
    expect(await store.listScans({ limit: 9 })).toMatchObject({
      items: [{ summary: { planned: 25_600, pending: 0 } }],
    });
    expect(most).toBeGreaterThan(before);
    expect(after - before).toBeLessThan(MOST_BYTES);
    console.info(`${name}: ${most - before} bytes while both scans are kept, ${after - before} after`);
  }, 120_000);
}
