import { describe, expect, it } from 'vitest';
import { TIMING_TEMPLATES } from '../../../shared/domain/timing-template.ts';
import { type Address, millis, seed } from '../../../shared/domain/units.ts';
import { scanChunk } from '../../../shared/engine/scan-chunk.ts';
import { makeSocketBudget } from '../../../shared/engine/socket-budget.ts';
import { makeTargetStates } from '../../../shared/engine/target/target-state.ts';
import { probeOrder } from '../../../shared/plan/probe-order.ts';
import { makeBucket } from '../../helpers/limited-host.ts';
import { tcp } from '../../helpers/run-engine.ts';
import { udp } from '../../helpers/udp-ports.ts';
import { everyNthOpen, type VirtualHost, virtualNetwork } from '../../helpers/virtual-network.ts';
import { ADDRESSES, chunksOf, MIXED, range, SILENT, type WatchedScan, wrongLooks } from '../../helpers/watched-scan.ts';

const limited = (treat: VirtualHost['treat']): VirtualHost => ({ treat, rtt: 5, refusals: makeBucket(1, 6) });

const CASES: Readonly<Record<string, () => WatchedScan>> = {
  'a silent host at T3': () => ({ hosts: [SILENT], ports: tcp(...range(6_000)), timing: 'T3' }),
  'a silent host at T4': () => ({ hosts: [SILENT], ports: tcp(...range(9_000)), timing: 'T4' }),
  'a silent host at T5, in eight chunks, two at once': () => ({
    hosts: [SILENT],
    ports: tcp(...range(8_000)),
    timing: 'T5',
    chunks: { addresses: 1, ports: 1_000, atOnce: 2 },
  }),
  'a silent host at T2': () => ({ hosts: [SILENT], ports: tcp(...range(1_500)), timing: 'T2' }),
  'a mixed host at T3': () => ({ hosts: [MIXED], ports: tcp(...range(6_000)), timing: 'T3' }),
  'a mixed host at T4': () => ({ hosts: [MIXED], ports: tcp(...range(15_000)), timing: 'T4' }),
  'a host of which every tenth port is open, and the rest dropped, few sockets': () => ({
    hosts: [{ treat: everyNthOpen(10, 'silent'), rtt: 150 }],
    ports: tcp(...range(5_000)),
    timing: 'T4',
    sockets: 200,
  }),
  'a host that refuses everything': () => ({
    hosts: [{ treat: () => 'closed', rtt: 30 }],
    ports: tcp(...range(6_000)),
    timing: 'T3',
  }),
  'UDP behind one ICMP error a second': () => ({
    hosts: [limited(() => 'closed')],
    ports: udp(...range(120)),
    timing: 'T4',
  }),
  'UDP behind one ICMP error a second, half of it open or filtered': () => ({
    hosts: [limited((port) => (port % 2 ? 'closed' : 'silent'))],
    ports: udp(...range(160)),
    timing: 'T3',
  }),
  'UDP behind one ICMP error a second, more than the patience is for': () => ({
    hosts: [limited(() => 'closed')],
    ports: udp(...range(400)),
    timing: 'T4',
  }),
  'UDP that is silent': () => ({ hosts: [SILENT], ports: udp(...range(2_000)), timing: 'T3' }),
  'UDP of which all is told at once': () => ({
    hosts: [{ treat: (port) => (port % 3 ? 'closed' : 'silent'), rtt: 10 }],
    ports: udp(...range(3_000)),
    timing: 'T3',
  }),
  'a silent host, killed half way and resumed': () => ({
    hosts: [SILENT],
    ports: tcp(...range(8_000)),
    timing: 'T3',
    resumedAt: 0.5,
  }),
  'a mixed host, killed half way and resumed': () => ({
    hosts: [MIXED],
    ports: tcp(...range(8_000)),
    timing: 'T3',
    resumedAt: 0.5,
  }),
  'a host that refuses nine of ten, killed half way and resumed': () => ({
    hosts: [{ treat: (port) => (port % 10 ? 'closed' : 'silent'), rtt: 40 }],
    ports: tcp(...range(9_000)),
    timing: 'T3',
    resumedAt: 0.5,
  }),
  'UDP behind a limit, killed half way and resumed': () => ({
    hosts: [limited(() => 'closed')],
    ports: udp(...range(120)),
    timing: 'T4',
    resumedAt: 0.5,
  }),
  'sixteen hosts of all kinds, in eight chunks, two at once': () => ({
    hosts: Array.from({ length: 16 }, (_, index) => (index % 2 ? SILENT : MIXED)),
    ports: tcp(...range(500)),
    timing: 'T3',
    chunks: { addresses: 2, ports: 500, atOnce: 2 },
  }),
  'forty silent hosts and eight that answer, in twelve chunks': () => ({
    hosts: Array.from({ length: 48 }, (_, index) => (index % 6 ? SILENT : MIXED)),
    ports: tcp(...range(100)),
    timing: 'T4',
    chunks: { addresses: 4, ports: 100, atOnce: 2 },
    sockets: 300,
  }),
};

describe('The time left, from a tenth of the time on, is at most a quarter of the truth (and a second) off for', () => {
  it.each(Object.entries(CASES))('%s', async (_, scanOf) => {
    expect(await wrongLooks(scanOf)).toEqual([]);
  });
});

describe('The time that more ports of a host take', () => {
  it('is told while the last probes of a chunk are out, and nothing of it is left to send', async () => {
    const network = virtualNetwork({ [ADDRESSES[0] as Address]: { treat: everyNthOpen(500, 'closed'), rtt: 30 } });
    const { clock, prober } = network;
    const [chunk] = chunksOf({ hosts: [SILENT], ports: tcp(...range(2_000)), timing: 'T4' });
    if (!chunk) throw new Error('no chunk');
    const scan = scanChunk(
      { chunk, codes: new Uint8Array(chunk.size), order: probeOrder(chunk, seed(1)) },
      {
        ...{ clock, prober, deadline: null, onOpen: () => {}, signal: new AbortController().signal },
        budget: makeSocketBudget(4_096),
        targets: makeTargetStates(TIMING_TEMPLATES.T4, 1),
      },
    );
    const withMore: number[] = [];
    let isOver = false;
    const look = (): void => {
      if (isOver) return;
      if (scan.settled() === chunk.size) withMore.push(scan.timeLeft()(chunk.size));
      clock.after(millis(1), look);
    };
    clock.after(millis(1), look);
    await network.run(scan.result);
    isOver = true;
    expect(withMore.length).toBeGreaterThan(0);
    expect(Math.max(...withMore)).toBeLessThan(3 * clock.now());
  });
});
