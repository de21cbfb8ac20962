import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Address, epochMillis, millis, type PortNumber } from '../../../shared/domain/units.ts';
import type { Watch } from '../../../shared/domain/watch.ts';
import type { WatchChange } from '../../../shared/domain/watch-alert.ts';
import type { WatchStore } from '../../../shared/seams/watch-store.ts';
import { advanceWatch, type WatchScans } from '../../../shared/usecases/advance-watch.ts';
import { attentionAt } from '../../../shared/watch/attention.ts';
import { type ManualClock, manualClock } from '../../helpers/manual-clock.ts';
import { makeMemoryWatchStore } from '../../helpers/memory-watch-store.ts';
import { freshScanId } from '../../helpers/sample-scan.ts';
import { sampleWatch } from '../../helpers/sample-watch.ts';
import { makeWatchedWorld } from '../../helpers/watched-world.ts';

/** Thrown in place of a write, or after it: the process is gone, and what it had in memory with it. */
class Crash extends Error {}

/** The same store or scans, which die before or after a write where `dies` says so. */
function dying<Writes extends object>(real: Writes, writes: readonly (keyof Writes)[], dies: () => boolean): Writes {
  return new Proxy(real, {
    get(target, name) {
      const member = target[name as keyof Writes];
      if (!writes.includes(name as keyof Writes) || typeof member !== 'function') return member;
      return async (...words: unknown[]) => {
        if (dies()) throw new Crash();
        const value: unknown = await member.apply(target, words);
        if (dies()) throw new Crash();
        return value;
      };
    },
  });
}

const WRITES: readonly (keyof WatchStore)[] = ['replaceWatch', 'replaceHost', 'createDelivery'];
const SCAN_WRITES: readonly (keyof WatchScans)[] = ['start', 'discard'];

/** mulberry32: a history is one number, which fast-check shrinks and prints. */
function draws(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

const HOUR = 3_600_000;
const ADDRESSES = ['127.0.0.1', '127.0.0.2', '127.0.0.3'] as Address[];
const PORTS = [1, 2, 3, 4] as PortNumber[];
/** Port 1 is always open, so that no host is ever away. */
const CHANGING = PORTS.slice(1);
const RUNS = 30;
/** A change lasts for so many runs; after half of them nothing is lost any more, so that it can be confirmed. */
const LASTS = 6;

interface History {
  /** Runs before which the port changes, in order; it is shut at the beginning where `startsOpen` is false. */
  readonly toggles: readonly number[];
  readonly startsOpen: boolean;
}

function historyOf(random: () => number): History {
  const toggles: number[] = [];
  for (let run = 2 + Math.floor(random() * LASTS); run < RUNS - LASTS; run += LASTS + Math.floor(random() * LASTS)) {
    toggles.push(run);
  }
  return { toggles, startsOpen: random() < 0.5 };
}

/** Everything that was told of a port, in order, as one word each. */
const told = (changes: readonly WatchChange[], address: Address, port: number): string[] =>
  changes
    .filter(({ host, subject }) => `${host}` === address && subject === `port tcp/${port}`)
    .map(({ after }) => after.state);

async function live(watch: Watch, store: WatchStore, advance: () => Promise<void>, clock: ManualClock): Promise<void> {
  for (let turns = 0; turns < 10_000; turns++) {
    await advance();
    const now = await store.readWatch(watch.id);
    if (!now) throw new Error('the watch is gone');
    const run = now.runs[0]?.number ?? 0;
    if (run >= RUNS && now.phase.kind === 'idle') return;
    const at = attentionAt(now) ?? 0;
    clock.advance(millis(at > clock.wall() ? at - clock.wall() : 5_000));
  }
  throw new Error('the watch does not come to its end');
}

/** One whole life of a watch over a random network, with losses and with crashes; gives what was told. */
async function tell(seed: number, crashes: number, losses: number) {
  const random = draws(seed);
  const histories = new Map<string, History>(
    ADDRESSES.flatMap((address) => CHANGING.map((port) => [`${address} ${port}`, historyOf(random)] as const)),
  );
  const clock = manualClock();
  const lostInARow = new Map<string, number>();
  const start = clock.wall();
  const world = makeWatchedWorld(clock, (address, port) => {
    const key = `${address} ${port}`;
    const run = Math.floor((clock.wall() - start) / HOUR);
    const { toggles, startsOpen } = histories.get(key) ?? { toggles: [], startsOpen: true };
    const passed = toggles.filter((toggle) => toggle <= run);
    const isQuiet = run - (passed.at(-1) ?? 0) > LASTS / 2 && run - (passed.at(-1) ?? 0) < LASTS;
    const inARow = lostInARow.get(key) ?? 0;
    const isLost = !isQuiet && inARow < 2 && random() < losses;
    lostInARow.set(key, isLost ? inARow + 1 : 0);
    if (isLost) return { verdict: random() < 0.3 && inARow === 0 ? 'unprobed/local-fault' : 'filtered/no-response' };
    const isOpen = passed.length % 2 === (startsOpen ? 0 : 1);
    return isOpen ? { open: {} } : { verdict: 'closed/conn-refused' };
  });
  const store = makeMemoryWatchStore();
  const watch = sampleWatch({
    spec: { request: { targets: ['127.0.0.1-3'], ports: '1-4' }, notify: ['stdout', 'exec:x'] },
    nextRunAt: epochMillis(start),
  });
  await store.createWatch(watch);
  const dies = () => random() < crashes;
  const deps = {
    watches: dying(store, WRITES, dies),
    scans: dying(world, SCAN_WRITES, dies),
    clock,
    newId: freshScanId,
  };
  await live(
    watch,
    store,
    () =>
      advanceWatch(watch.id, deps).catch((error) => {
        if (!(error instanceof Crash)) throw error;
      }),
    clock,
  );
  const deliveries = [...(await store.listDeliveries(watch.id, 10_000))].reverse();
  return { histories, world, deliveries, watch: await store.readWatch(watch.id) };
}

describe('A watch over random histories', () => {
  it('tells each lasting change exactly once, and nothing that was not there, whatever dies in between', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer(),
        fc.constantFrom(0, 0.1, 0.3),
        fc.constantFrom(0, 0.1),
        async (seed, crashes, losses) => {
          const { histories, deliveries } = await tell(seed, crashes, losses);
          for (const receiver of ['stdout', 'exec:x']) {
            const changes = deliveries
              .filter((each) => each.receiver === receiver)
              .flatMap(({ message }) => message.changes);
            for (const [key, { toggles, startsOpen }] of histories) {
              const [address = '', port = ''] = key.split(' ');
              const expected = toggles.map((_, index) => ((index % 2 === 0) === startsOpen ? 'shut' : 'open'));
              expect(told(changes, address as Address, Number(port)), key).toEqual(expected);
            }
            expect(new Set(changes.map(({ id }) => id)).size).toBe(changes.length);
            expect(changes.filter(({ after }) => after.kind !== 'port' && after.kind !== 'probing')).toEqual([]);
          }
        },
      ),
      { numRuns: 12 },
    );
  });

  it('keeps no scan but the last one, and those of the runs that told something', async () => {
    const { world, watch } = await tell(7, 0, 0);
    const kept = (watch?.runs ?? []).flatMap(({ scan }) => scan ?? []);
    expect(new Set(world.kept.keys())).toEqual(new Set(kept));
    expect(watch?.runs.filter(({ scan, changes }) => changes === 0 && scan !== null).length).toBeLessThanOrEqual(1);
  });
});
