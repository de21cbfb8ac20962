import { describe, expect, it } from 'vitest';
import type { Chunk } from '../../../shared/domain/chunk.ts';
import type { PortAt } from '../../../shared/domain/port-set.ts';
import type { TimingHints } from '../../../shared/domain/timing-hints.ts';
import { TIMING_TEMPLATES, type TimingName } from '../../../shared/domain/timing-template.ts';
import { type Address, chunkNumber, millis, seed } from '../../../shared/domain/units.ts';
import { scanChunk } from '../../../shared/engine/scan-chunk.ts';
import { makeSocketBudget } from '../../../shared/engine/socket-budget.ts';
import { makeTargetStates } from '../../../shared/engine/target/target-state.ts';
import { probeOrder, triedUpTo } from '../../../shared/plan/probe-order.ts';
import { type ChunkProgress, makeScanTimeLeft } from '../../../shared/plan/scan-time-left.ts';
import { makeBucket } from '../../helpers/limited-host.ts';
import { tcp } from '../../helpers/run-engine.ts';
import { udp } from '../../helpers/udp-ports.ts';
import { everyNthOpen, type Treatment, type VirtualHost, virtualNetwork } from '../../helpers/virtual-network.ts';

const LOOK_EVERY = 200;

/** Times are shown in whole seconds, rounded up. */
const SHOWN = 1_000;

interface Look {
  readonly at: number;
  readonly left: number | null;
}

/** A scan in virtual time. */
interface Case {
  readonly hosts: readonly VirtualHost[];
  readonly ports: readonly PortAt[];
  readonly timing: TimingName;
  readonly sockets?: number;
  /** How it is cut: left out, one chunk of everything. */
  readonly chunks?: { readonly addresses: number; readonly ports: number; readonly atOnce: number };
  /** Killed when so much is settled, and taken up by a fresh process; the looks of that one count. */
  readonly resumedAt?: number;
  /** Share of the time from which on it can be told; left out, a tenth. */
  readonly from?: number;
}

const ADDRESSES = Array.from({ length: 64 }, (_, index) => `192.0.2.${index + 1}` as Address);

function chunksOf({ hosts, ports, chunks }: Case): Chunk[] {
  const addresses = ADDRESSES.slice(0, hosts.length);
  const size = { addresses: chunks?.addresses ?? addresses.length, ports: chunks?.ports ?? ports.length };
  const cut: Chunk[] = [];
  for (let host = 0; host < addresses.length; host += size.addresses) {
    for (let port = 0; port < ports.length; port += size.ports) {
      const some = addresses.slice(host, host + size.addresses);
      const of = ports.slice(port, port + size.ports);
      cut.push({ number: chunkNumber(cut.length), addresses: some, ports: of, size: some.length * of.length, lane: 0 });
    }
  }
  return cut;
}

/** Carries out the chunks with one worker, from the verdicts that are known; what is known at the end, and all looks. */
async function carryOut(
  each: Case,
  known: ReadonlyMap<Chunk, Uint8Array>,
  until: number,
  hints: readonly TimingHints[] = [],
) {
  const network = virtualNetwork(Object.fromEntries(each.hosts.map((host, index) => [ADDRESSES[index], host])));
  const { clock, prober } = network;
  const timing = TIMING_TEMPLATES[each.timing];
  const shared = {
    ...{ clock, prober, deadline: null, onOpen: () => {} },
    budget: makeSocketBudget(each.sockets ?? 4_096),
    targets: makeTargetStates(timing, 1),
  };
  for (const hint of hints) shared.targets.of(hint.address).apply(hint, clock);
  const controller = new AbortController();
  const pendingOf = (codes: Uint8Array): number => codes.reduce((sum, code) => sum + (code === 0 ? 1 : 0), 0);
  const left = [...known.values()].reduce((sum, codes) => sum + pendingOf(codes), 0);
  const timeLeft = makeScanTimeLeft({ chunks: known.size, probes: left });
  const looks: Look[] = [];
  const running = new Map<Chunk, ReturnType<typeof scanChunk>>();
  const ended = new Map<Chunk, Uint8Array>();
  const queue = [...known];
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next && !controller.signal.aborted; next = queue.shift()) {
      const [chunk, codes] = next;
      const pending = pendingOf(codes);
      const order = probeOrder(chunk, seed(chunk.number));
      const tell = (progress: Omit<ChunkProgress, 'settled'>): void =>
        timeLeft.told(chunk.number, pending, { settled: 0, ...progress }, clock.now());
      tell({ left: null, next: null, isOver: false });
      const triedBefore = triedUpTo(codes, order);
      const scan = scanChunk({ chunk, codes, order, triedBefore }, { ...shared, signal: controller.signal });
      running.set(chunk, scan);
      await scan.result;
      running.delete(chunk);
      ended.set(chunk, codes);
      tell({ left: millis(0), next: null, isOver: true });
    }
  };
  const isSplit = (each.chunks?.ports ?? each.ports.length) < each.ports.length;
  let isOver = false;
  const kept = new Map<Chunk, Uint8Array>();
  const look = (): void => {
    if (isOver) return;
    let settled = [...ended.keys()].reduce((sum, { size }) => sum + size, 0);
    for (const [chunk, scan] of running) {
      settled += scan.settled();
      const takes = scan.timeLeft();
      const left = takes();
      const next = isSplit ? millis(takes(chunk.size) - left) : null;
      timeLeft.told(chunk.number, 0, { settled: scan.settled(), left, next, isOver: false }, clock.now());
    }
    looks.push({ at: clock.now(), left: timeLeft.at(clock.now()) });
    if (settled >= until && !controller.signal.aborted) {
      for (const [chunk, scan] of running) kept.set(chunk, scan.snapshot().codes);
      controller.abort();
    }
    clock.after(millis(LOOK_EVERY), look);
  };
  clock.after(millis(LOOK_EVERY), look);
  await network.run(Promise.all(Array.from({ length: each.chunks?.atOnce ?? 1 }, work)));
  isOver = true;
  const codes = new Map([...known].map(([chunk, before]) => [chunk, kept.get(chunk) ?? ended.get(chunk) ?? before]));
  const learnt = ADDRESSES.slice(0, each.hosts.length).flatMap(
    (address) => shared.targets.of(address).hints(clock) ?? [],
  );
  return { codes, looks, took: clock.now(), hints: learnt };
}

async function looksAt(caseOf: () => Case): Promise<{ readonly looks: readonly Look[]; readonly took: number }> {
  const each = caseOf();
  const fresh = new Map(chunksOf(each).map((chunk) => [chunk, new Uint8Array(chunk.size)]));
  const planned = each.hosts.length * each.ports.length;
  if (each.resumedAt === undefined) return carryOut(each, fresh, Number.POSITIVE_INFINITY);
  const { codes, hints } = await carryOut(each, fresh, planned * each.resumedAt);
  const left = [...codes].filter(([, of]) => of.includes(0));
  return carryOut(caseOf(), new Map(left), Number.POSITIVE_INFINITY, hints);
}

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
const SILENT: VirtualHost = { treat: () => 'silent', rtt: 20 };
/** A tenth is open, four tenths are closed, the rest is dropped. */
const mixed = (port: number): Treatment => (port % 10 === 0 ? 'open' : port % 10 < 5 ? 'closed' : 'silent');
const MIXED: VirtualHost = { treat: mixed, rtt: 20 };
/** Loses packets each way. */
const lossy = (treat: VirtualHost['treat'], loss: number, rtt = 20): VirtualHost => ({ treat, rtt, loss, seed: 7 });
const limited = (treat: VirtualHost['treat']): VirtualHost => ({ treat, rtt: 5, refusals: makeBucket(1, 6) });

const CASES: Readonly<Record<string, () => Case>> = {
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
  it.each(Object.keys(CASES))('%s', async (name) => {
    const caseOf = CASES[name] as () => Case;
    const { from = 1 / 10 } = caseOf();
    const { looks, took } = await looksAt(caseOf);
    const wrong = looks.filter(({ at, left }) => {
      const truth = took - at;
      return at >= took * from && (left === null || left < 0 || Math.abs(left - truth) > truth / 4 + SHOWN);
    });
    expect(wrong).toEqual([]);
    expect(looks.length).toBeGreaterThan(5);
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
