import { describe, expect, it } from 'vitest';
import type { Watch } from '../../shared/domain/watch.ts';
import { advanceWatch } from '../../shared/usecases/advance-watch.ts';
import { LEARNING_ROUNDS } from '../../shared/watch/run-steps.ts';
import { manualClock } from '../helpers/manual-clock.ts';
import { makeMemoryScanStore } from '../helpers/memory-scan-store.ts';
import { makeMemoryWatchStore } from '../helpers/memory-watch-store.ts';
import { freshScanId } from '../helpers/sample-scan.ts';
import { sampleWatch } from '../helpers/sample-watch.ts';
import { type VirtualHost, virtualNetwork } from '../helpers/virtual-network.ts';
import { watchedFleet } from '../helpers/watched-fleet.ts';

/** Each packet of the virtual network is lost with that chance, on the way there and on the way back. */
const LOSS = 0.03;

/** Four ports a run are the watch of one small server: 10,000 of its runs look at 40,000 ports. */
const HOSTS = 40;
const PORTS = 40;
const RUNS = 25;
/** Runs in each of which one more port is open, for good. */
const CHANGES = 10;
const LOOKS = HOSTS * PORTS * RUNS;

describe('A watch over a network that loses packets, scanned by the real engine,', () => {
  it('tells nothing in 10,000 runs’ worth of ports without a change, and tells each change in its run', async () => {
    expect(LOOKS).toBe(10_000 * 4);
    const opened = new Set<string>();
    const hosts = Array.from({ length: HOSTS }, (_, index) => `192.0.2.${index + 1}`);
    const network = virtualNetwork(
      Object.fromEntries(hosts.map((address, index) => [address, hostAt(address, index)])),
    );
    const [clock, store, watches] = [manualClock(), makeMemoryScanStore(), makeMemoryWatchStore()];
    const { scans, work } = watchedFleet({ store, clock, network });
    const watch = sampleWatch({
      spec: { request: { targets: hosts, ports: `1-${PORTS}`, timing: 'T4' }, notify: ['sns'] },
      nextRunAt: clock.wall(),
    });
    await watches.createWatch(watch);
    let scanned = 0;
    const now = async (): Promise<Watch> => (await watches.readWatch(watch.id)) ?? expect.unreachable();
    const told = async () => (await watches.listDeliveries(watch.id, 1_000)).flatMap(({ message }) => message.changes);

    /** Lives on to the end of its next run. */
    async function run(): Promise<void> {
      const before = (await now()).runs[0]?.number;
      while ((await now()).runs[0]?.number === before || (await now()).outbox.length > 0) {
        const { phase, nextRunAt } = await now();
        const due = phase.kind === 'between-rounds' ? phase.until : phase.kind === 'idle' ? (nextRunAt ?? 0) : 0;
        clock.advance(Math.max(0, due - clock.wall()) as Parameters<typeof clock.advance>[0]);
        await advanceWatch(watch.id, { watches, scans, clock, newId: freshScanId });
        scanned += (await work()).length;
        await advanceWatch(watch.id, { watches, scans, clock, newId: freshScanId });
      }
    }

    for (let count = 0; count < RUNS; count++) await run();
    expect(await told()).toEqual([]);
    // Scans were wrong, and asked again: without that, somebody would have been told.
    expect(scanned).toBeGreaterThan(RUNS + LEARNING_ROUNDS - 1);
    const changing = hosts.slice(0, CHANGES);
    for (const [index, address] of changing.entries()) {
      opened.add(`${address} ${PORTS}`);
      await run();
      expect((await told()).length, `run ${RUNS + index + 1}`).toBe(index + 1);
    }
    expect(new Set((await told()).map(({ host, subject }) => `${host} ${subject}`))).toEqual(
      new Set(changing.map((address) => `${address} port tcp/${PORTS}`)),
    );

    /** Half of its ports are open, a quarter closed, the rest silent; the last one opens later. */
    function hostAt(address: string, seed: number): VirtualHost {
      const treat: VirtualHost['treat'] = (port) => {
        if (opened.has(`${address} ${port}`) || port <= PORTS / 2) return 'open';
        return port <= (PORTS * 3) / 4 ? 'closed' : 'silent';
      };
      return { treat, rtt: 20, loss: LOSS, seed: seed + 1 };
    }
  });
});
