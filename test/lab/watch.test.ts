import { describe, expect, it } from 'vitest';
import { withLab } from '../../bench/lab/lab.ts';
import { labMissing } from '../../bench/lab/lab-missing.ts';
import type { Watch } from '../../shared/domain/watch.ts';
import { advanceWatch } from '../../shared/usecases/advance-watch.ts';
import { manualClock } from '../helpers/manual-clock.ts';
import { makeMemoryScanStore } from '../helpers/memory-scan-store.ts';
import { makeMemoryWatchStore } from '../helpers/memory-watch-store.ts';
import { freshScanId } from '../helpers/sample-scan.ts';
import { sampleWatch } from '../helpers/sample-watch.ts';
import { watchedFleet } from '../helpers/watched-fleet.ts';

const missing = labMissing();

/** Open from the beginning, and one that opens later. */
const OPEN = Array.from({ length: 20 }, (_, index) => 1_001 + index);
const LATER = 1_040;
const QUIET_RUNS = 5;

describe.skipIf(missing)(`A watch in the lab ${missing ? `(skipped: ${missing})` : ''}`, () => {
  it('says nothing when 3 in 100 packets are lost each way, and tells a port that opened, in that run', async () => {
    await withLab({ rtt: 20, loss: 3, seed: 17 }, async (lab) => {
      await lab.open(OPEN);
      const [clock, store, watches] = [manualClock(), makeMemoryScanStore(), makeMemoryWatchStore()];
      const { scans, work } = watchedFleet({ store, clock });
      const request = { targets: [lab.address], ports: '1001-1040', timing: 'T4' };
      const watch = sampleWatch({ spec: { request, notify: ['sns'] }, nextRunAt: clock.wall() });
      await watches.createWatch(watch);
      const now = async (): Promise<Watch> => (await watches.readWatch(watch.id)) ?? expect.unreachable();
      const told = async () => (await watches.listDeliveries(watch.id, 100)).flatMap(({ message }) => message.changes);
      /** Lives on to the end of so many runs: the minutes between rounds are the clock's, the packets are real. */
      const runs = async (count: number): Promise<void> => {
        while ((await now()).runs[0]?.number !== count || (await now()).outbox.length > 0) {
          const { phase, nextRunAt } = await now();
          const due = phase.kind === 'between-rounds' ? phase.until : (nextRunAt ?? 0);
          if (phase.kind !== 'scanning') {
            clock.advance(Math.max(0, due - clock.wall()) as Parameters<typeof clock.advance>[0]);
          }
          await advanceWatch(watch.id, { watches, scans, clock, newId: freshScanId });
          await work();
        }
      };
      await runs(QUIET_RUNS);
      expect(await told()).toEqual([]);
      await lab.open([LATER]);
      await runs(QUIET_RUNS + 1);
      expect(await told()).toMatchObject([{ subject: `port tcp/${LATER}`, after: { state: 'open' } }]);
      expect((await now()).runs[0]).toMatchObject({ changes: 1 });
    });
  });
});
