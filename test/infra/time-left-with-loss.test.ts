import { describe, expect, it } from 'vitest';
import { tcp } from '../helpers/run-engine.ts';
import type { VirtualHost } from '../helpers/virtual-network.ts';
import { mixed, range, type WatchedScan, wrongLooks } from '../helpers/watched-scan.ts';

/** Loses packets each way. */
const lossy = (treat: VirtualHost['treat'], loss: number, rtt = 20): VirtualHost => ({ treat, rtt, loss, seed: 7 });

const CASES: Readonly<Record<string, () => WatchedScan>> = {
  'a mixed host at T3, 3 % lost each way': () => ({
    hosts: [lossy(mixed, 0.03)],
    ports: tcp(...range(6_000)),
    timing: 'T3',
  }),
  'a mixed host at T4, 3 % lost each way': () => ({
    hosts: [lossy(mixed, 0.03)],
    ports: tcp(...range(12_000)),
    timing: 'T4',
  }),
  'a host that refuses everything, 3 % lost each way': () => ({
    hosts: [lossy(() => 'closed', 0.03, 30)],
    ports: tcp(...range(6_000)),
    timing: 'T3',
  }),
  'a mixed host at T4, 8 % lost each way': () => ({
    hosts: [lossy(mixed, 0.08)],
    ports: tcp(...range(7_000)),
    timing: 'T4',
  }),
  // The ports that were silent before come first; of the losses after them nothing can be seen much earlier.
  'a mixed host, 3 % lost each way, killed half way and resumed': () => ({
    hosts: [lossy(mixed, 0.03)],
    ports: tcp(...range(8_000)),
    timing: 'T3',
    resumedAt: 0.5,
    from: 1 / 8,
  }),
  'eight hosts that lose 3 % each way, in eight chunks, two at once': () => ({
    hosts: Array.from({ length: 8 }, (_, index) => ({ ...lossy(mixed, 0.03), seed: index })),
    ports: tcp(...range(1_000)),
    timing: 'T3',
    chunks: { addresses: 1, ports: 1_000, atOnce: 2 },
  }),
};

describe('The time left, from a tenth of the time on, is at most a quarter of the truth (and a second) off for', () => {
  it.each(Object.entries(CASES))('%s', async (_, scanOf) => {
    expect(await wrongLooks(scanOf)).toEqual([]);
  });
});
