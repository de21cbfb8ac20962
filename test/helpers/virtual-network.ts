import type { Outcome } from '../../shared/domain/outcome.ts';
import type { Probe } from '../../shared/domain/probe.ts';
import { TIMING_TEMPLATES, type TimingName } from '../../shared/domain/timing-template.ts';
import { type Address, epochMillis, millis } from '../../shared/domain/units.ts';
import type { Verdict } from '../../shared/domain/verdict.ts';
import type { ChunkResult } from '../../shared/engine/scan-chunk.ts';
import { makeSocketBudget } from '../../shared/engine/socket-budget.ts';
import type { Clock } from '../../shared/seams/clock.ts';
import type { Prober } from '../../shared/seams/prober.ts';
import type { Bucket } from './limited-host.ts';
import { chunkOf, startEngine, tcp, verdicts } from './run-engine.ts';

/** What a port of a virtual host does with a probe. */
export type Treatment = 'open' | 'closed' | 'silent' | 'unreachable';

/** A host at the end of a virtual wire. All times are milliseconds of the virtual clock, from the start of the scan. */
export interface VirtualHost {
  /** Of each port; `sent` is how many probes reached the host before this one. */
  readonly treat: (port: number, at: number, arrived: number) => Treatment;
  readonly rtt: number;
  /** The share of packets that is lost each way. */
  readonly loss?: number;
  readonly seed?: number;
  /** Nothing gets through then. */
  readonly isAway?: (at: number) => boolean;
  /** Probes it takes in, and refusals it gives out. */
  readonly takes?: Bucket;
  readonly refusals?: Bucket;
  /** The errno that sending fails with then, or null. */
  readonly localFault?: (at: number) => string | null;
}

export interface VirtualNetwork {
  readonly clock: Clock;
  readonly prober: Prober & { readonly sent: { readonly port: number; readonly at: number }[] };
  /** Lets time pass until the work is done. */
  run<Value>(work: Promise<Value>): Promise<Value>;
}

/** 2026-11-22T12:00:00Z. */
export const START = 1_795_348_800_000;

/** What a socket costs this machine to open. */
const SEND_COST = 0.02;

/** The kernel repeats a SYN after 1 s and, doubling, 3 s (RFC 6298 section 2.1), as long as its socket is open. */
const REPEATS = [0, 1_000, 3_000, 7_000];

const LONGEST = 3_600_000;

interface Happening {
  readonly at: number;
  readonly order: number;
  /** False where it was nothing to whatever runs: a packet that is lost, a socket that is closed by then. */
  readonly what: () => boolean;
  isCancelled: boolean;
}

/**
 * A clock that passes by itself, as fast as its events allow, and hosts at the ends of wires. Every run under the same
 * seeds is the same, on any machine.
 *
 * @param longest milliseconds of virtual time after which whatever runs is given up
 */
export function virtualNetwork(hosts: Readonly<Record<string, VirtualHost>>, longest = LONGEST): VirtualNetwork {
  const time = makeTime(longest);
  const sent: { port: number; at: number }[] = [];
  const wires = new Map(Object.entries(hosts).map(([address, host]) => [address, makeWire(host, time)]));
  return {
    clock: time.clock,
    prober: {
      sent,
      send(probe, tell) {
        time.spend(SEND_COST);
        sent.push({ port: probe.port, at: time.now() });
        const wire = wires.get(probe.address);
        return wire ? wire(probe, tell) : { cancel: () => {} };
      },
    },
    run: time.run,
  };
}

/** Nothing is left to wait for in virtual time: a module may be on its way from the disk. A limit against hanging. */
async function realTime(idleSince: number): Promise<void> {
  if (performance.now() - idleSince > 60_000) throw new Error('the virtual network has nothing left to wait for');
  await new Promise((resolve) => setTimeout(resolve, 1));
}

type Time = ReturnType<typeof makeTime>;

function makeTime(longest: number) {
  let now = 0;
  let order = 0;
  const timers: Happening[] = [];
  let turns: (() => void)[] = [];
  const at = (moment: number, what: () => boolean): Happening => {
    const happening = { at: moment, order: order++, what, isCancelled: false };
    push(timers, happening);
    return happening;
  };
  const clock: Clock = {
    now: () => millis(now),
    wall: () => epochMillis(START + now),
    after(delay, wake) {
      const happening = at(now + Math.max(0, delay), () => {
        wake();
        return true;
      });
      return () => {
        happening.isCancelled = true;
      };
    },
    afterTurn: (wake) => void turns.push(wake),
  };
  /** Goes on until something has happened that a promise may wait for. */
  function step(): void {
    // What is due by now is seen by the sockets before the turn ends.
    if (timers[0] && timers[0].at <= now) {
      let isSeen = false;
      while (timers[0] && timers[0].at <= now) isSeen = happen() || isSeen;
      if (isSeen) return;
    }
    if (turns.length > 0) {
      const woken = turns;
      turns = [];
      for (const wake of woken) wake();
      return;
    }
    while (timers[0]) {
      now = Math.max(now, timers[0].at);
      if (happen() || now > longest) return;
    }
  }
  function happen(): boolean {
    const happening = pop(timers);
    return happening !== undefined && !happening.isCancelled && happening.what();
  }
  return {
    clock,
    at,
    now: () => now,
    spend(cost: number): void {
      now += cost;
    },
    async run<Value>(work: Promise<Value>): Promise<Value> {
      let isOver = false;
      const end = (): void => {
        isOver = true;
      };
      work.then(end, end);
      let idleSince = 0;
      for (;;) {
        // Everything that waits for a promise goes on before time does.
        await new Promise(setImmediate);
        if (isOver) return work;
        if (now > longest) throw new Error(`it took more than ${longest / 1_000} seconds of virtual time`);
        const isIdle = timers.length + turns.length === 0;
        if (!isIdle) step();
        idleSince = isIdle ? idleSince || performance.now() : 0;
        if (isIdle) await realTime(idleSince);
      }
    },
  };
}

function makeWire(host: VirtualHost, time: Time) {
  const roll = dice(host.seed ?? 1);
  const isLost = (): boolean => roll() < (host.loss ?? 0) || (host.isAway?.(time.now()) ?? false);
  let arrived = 0;
  return (probe: Probe, tell: (outcome: Outcome) => void) => {
    let isOpen = true;
    const end = (outcome: Outcome): boolean => {
      if (!isOpen) return false;
      isOpen = false;
      tell(outcome);
      return true;
    };
    const errno = host.localFault?.(time.now());
    if (errno) {
      queueMicrotask(() => end({ kind: 'not-sent', errno }));
      return { cancel: () => {} };
    }
    const arrive = (): boolean => {
      if (host.takes && !host.takes.take(time.now())) return false;
      const answer = outcomeOf(host.treat(probe.port, time.now(), arrived++), probe);
      if (!answer || (answer.kind === 'errno' && host.refusals && !host.refusals.take(time.now()))) return false;
      if (!isLost()) time.at(time.now() + host.rtt / 2, () => end(answer));
      return false;
    };
    const repeats = probe.protocol === 'tcp' ? REPEATS : [0];
    const sentAt = time.now();
    const send = (count: number): boolean => {
      if (!isOpen) return false;
      if (!isLost()) time.at(time.now() + host.rtt / 2, arrive);
      const next = repeats[count + 1];
      if (next !== undefined) time.at(sentAt + next, () => send(count + 1));
      return false;
    };
    send(0);
    return {
      cancel() {
        isOpen = false;
      },
    };
  };
}

function outcomeOf(treatment: Treatment, { protocol }: Probe): Outcome | null {
  switch (treatment) {
    case 'open':
      return protocol === 'tcp' ? { kind: 'accepted' } : { kind: 'replied', bytes: new Uint8Array(1) };
    case 'unreachable':
      return { kind: 'errno', errno: 'EHOSTUNREACH' };
    case 'closed':
      return { kind: 'errno', errno: 'ECONNREFUSED' };
    case 'silent':
      return null;
    default:
      return treatment satisfies never;
  }
}

/** Numbers in [0, 1), the same for one seed (xorshift). */
function dice(seed: number): () => number {
  let state = (Math.imul(seed, 2_654_435_761) ^ 0x9e3779b9) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
}

/** A binary heap, by time and then by order. */
function push(heap: Happening[], item: Happening): void {
  heap.push(item);
  for (let place = heap.length - 1; place > 0; ) {
    const parent = (place - 1) >> 1;
    if (!isBefore(heap[place] as Happening, heap[parent] as Happening)) return;
    swap(heap, place, parent);
    place = parent;
  }
}

function pop(heap: Happening[]): Happening | undefined {
  const [first] = heap;
  const last = heap.pop();
  if (heap.length === 0 || !last) return first;
  heap[0] = last;
  for (let place = 0; ; ) {
    const left = 2 * place + 1;
    if (left >= heap.length) return first;
    const right = left + 1;
    const isRight = right < heap.length && isBefore(heap[right] as Happening, heap[left] as Happening);
    const smaller = isRight ? right : left;
    if (!isBefore(heap[smaller] as Happening, heap[place] as Happening)) return first;
    swap(heap, place, smaller);
    place = smaller;
  }
}

const isBefore = (a: Happening, b: Happening): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

function swap(heap: Happening[], a: number, b: number): void {
  const item = heap[a] as Happening;
  heap[a] = heap[b] as Happening;
  heap[b] = item;
}

export const HOST = '192.0.2.7' as Address;

/** Every `n`th port is open, the others are as said. */
export const everyNthOpen =
  (n: number, rest: Treatment): VirtualHost['treat'] =>
  (port) =>
    port % n === 0 ? 'open' : rest;

/** Away from one moment to the other. */
export const awayBetween =
  (from: number, to: number): ((at: number) => boolean) =>
  (at) =>
    at >= from && at < to;

export interface VirtualScan {
  readonly seconds: number;
  readonly counts: Readonly<Partial<Record<Verdict, number>>>;
  readonly found: readonly number[];
  readonly result: ChunkResult;
  readonly sent: number;
}

/** Scans ports 1 to `ports` of one virtual host. */
export async function scanVirtually(
  host: VirtualHost,
  ports: number,
  timing: TimingName,
  over: Parameters<typeof startEngine>[2] = {},
): Promise<VirtualScan> {
  const { clock, prober, run } = virtualNetwork({ [HOST]: host });
  const chunk = chunkOf(tcp(...Array.from({ length: ports }, (_, index) => index + 1)), [HOST]);
  const engine = startEngine(chunk, TIMING_TEMPLATES[timing], {
    clock,
    prober,
    budget: makeSocketBudget(VIRTUAL_SOCKETS),
    ...over,
  });
  const result = await run(engine.result);
  const counts: Partial<Record<Verdict, number>> = {};
  for (const verdict of verdicts(result)) counts[verdict] = (counts[verdict] ?? 0) + 1;
  const found = engine.found.map(({ port }) => port as number).sort((a, b) => a - b);
  return { seconds: clock.now() / 1_000, counts, found, result, sent: prober.sent.length };
}

/** As many as a process usually may open, and half of what one of ours does. */
const VIRTUAL_SOCKETS = 2_000;
