import type { Chunk } from '../../shared/domain/chunk.ts';
import { portsInRow } from '../../shared/domain/port-list.ts';
import type { PortAt } from '../../shared/domain/port-set.ts';
import type { TimingHints } from '../../shared/domain/timing-hints.ts';
import { TIMING_TEMPLATES, type TimingName } from '../../shared/domain/timing-template.ts';
import { type Address, chunkNumber, millis, seed } from '../../shared/domain/units.ts';
import { scanChunk } from '../../shared/engine/scan-chunk.ts';
import { makeSocketBudget } from '../../shared/engine/socket-budget.ts';
import { makeTargetStates } from '../../shared/engine/target/target-state.ts';
import { probeOrder, triedUpTo } from '../../shared/plan/probe-order.ts';
import { type ChunkProgress, makeScanTimeLeft } from '../../shared/plan/scan-time-left.ts';
import { type Treatment, type VirtualHost, virtualNetwork } from './virtual-network.ts';

const LOOK_EVERY = 200;

/** Times are shown in whole seconds, rounded up. */
const SHOWN = 1_000;

interface Look {
  readonly at: number;
  readonly left: number | null;
}

/** A scan in virtual time, of which the time left is looked at. */
export interface WatchedScan {
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

export const ADDRESSES = Array.from({ length: 64 }, (_, index) => `192.0.2.${index + 1}` as Address);

export function chunksOf({ hosts, ports, chunks }: WatchedScan): Chunk[] {
  const addresses = ADDRESSES.slice(0, hosts.length);
  const size = { addresses: chunks?.addresses ?? addresses.length, ports: chunks?.ports ?? ports.length };
  const cut: Chunk[] = [];
  for (let host = 0; host < addresses.length; host += size.addresses) {
    for (let port = 0; port < ports.length; port += size.ports) {
      const some = addresses.slice(host, host + size.addresses);
      const of = ports.slice(port, port + size.ports);
      cut.push({
        number: chunkNumber(cut.length),
        addresses: some,
        ports: portsInRow(of),
        size: some.length * of.length,
        lane: 0,
      });
    }
  }
  return cut;
}

/** Carries out the chunks with one worker, from the verdicts that are known; what is known at the end, and all looks. */
async function carryOut(
  each: WatchedScan,
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

async function looksAt(caseOf: () => WatchedScan): Promise<{ readonly looks: readonly Look[]; readonly took: number }> {
  const each = caseOf();
  const fresh = new Map(chunksOf(each).map((chunk) => [chunk, new Uint8Array(chunk.size)]));
  const planned = each.hosts.length * each.ports.length;
  if (each.resumedAt === undefined) return carryOut(each, fresh, Number.POSITIVE_INFINITY);
  const { codes, hints } = await carryOut(each, fresh, planned * each.resumedAt);
  const left = [...codes].filter(([, of]) => of.includes(0));
  return carryOut(caseOf(), new Map(left), Number.POSITIVE_INFINITY, hints);
}

export const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
export const SILENT: VirtualHost = { treat: () => 'silent', rtt: 20 };
/** A tenth is open, four tenths are closed, the rest is dropped. */
export const mixed = (port: number): Treatment => (port % 10 === 0 ? 'open' : port % 10 < 5 ? 'closed' : 'silent');
export const MIXED: VirtualHost = { treat: mixed, rtt: 20 };
/**
 * The looks at which the time left is told, from a tenth of the time on, more than a quarter of the truth (and a second)
 * off: to be none. There are more than five looks.
 */
export async function wrongLooks(scanOf: () => WatchedScan): Promise<readonly Look[]> {
  const { from = 1 / 10 } = scanOf();
  const { looks, took } = await looksAt(scanOf);
  if (looks.length <= 5) throw new Error('it ended before anyone looked');
  return looks.filter(({ at, left }) => {
    const truth = took - at;
    return at >= took * from && (left === null || left < 0 || Math.abs(left - truth) > truth / 4 + SHOWN);
  });
}
