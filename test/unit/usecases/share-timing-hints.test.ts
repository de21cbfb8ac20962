import { describe, expect, it } from 'vitest';
import { countCoverage } from '../../../shared/domain/coverage.ts';
import { errorValue, PortfleetError } from '../../../shared/domain/errors.ts';
import { portSet } from '../../../shared/domain/port-set.ts';
import type { Geometry, Scan } from '../../../shared/domain/scan.ts';
import { TIMING_TEMPLATES } from '../../../shared/domain/timing-template.ts';
import { type Address, chunkNumber, millis, type PortNumber } from '../../../shared/domain/units.ts';
import { makeSocketBudget } from '../../../shared/engine/socket-budget.ts';
import { makeTargetStates } from '../../../shared/engine/target/target-state.ts';
import { nodeConnector } from '../../../shared/net/node-connector.ts';
import { LOCAL_POLICY } from '../../../shared/request/target-policy.ts';
import type { Prober } from '../../../shared/seams/prober.ts';
import type { ScanStore } from '../../../shared/seams/scan-store.ts';
import { type ChunkEnding, runChunk } from '../../../shared/usecases/run-chunk.ts';
import { type ManualClock, manualClock } from '../../helpers/manual-clock.ts';
import { makeMemoryScanStore } from '../../helpers/memory-scan-store.ts';
import { sampleScan, sampleTimingHints } from '../../helpers/sample-scan.ts';

const TARGET = '127.0.0.1' as Address;
const TIMING = { ...TIMING_TEMPLATES.T3, ratePerTarget: null };

/** Deadlines are kept in grains, and the clock of these tests goes in steps: so much later than planned at the most. */
const GRAIN = 20;
const STEP = millis(5);

/** After how long the target refuses the `attempt`-th ask of a port, or that it accepts at once; null is silence. */
type Refusal = (port: PortNumber, attempt: number) => number | 'accepted' | null;

interface SeenAsk {
  readonly at: number;
  /** How long it was waited for. */
  waited: number;
}

/** A target on the clock of the test, and what was asked of it. */
function targetThat(refuses: Refusal, clock: ManualClock): Prober & { readonly asks: Map<number, SeenAsk[]> } {
  const asks = new Map<number, SeenAsk[]>();
  return {
    asks,
    send({ port }, tell) {
      const before = asks.get(port) ?? [];
      const ask: SeenAsk = { at: clock.now(), waited: 0 };
      asks.set(port, [...before, ask]);
      const end = (): void => {
        ask.waited ||= clock.now() - ask.at;
      };
      const delay = refuses(port, before.length + 1);
      const takeBack =
        delay === null
          ? end
          : clock.after(millis(delay === 'accepted' ? 1 : delay), () => {
              end();
              tell(delay === 'accepted' ? { kind: 'accepted' } : { kind: 'errno', errno: 'ECONNREFUSED' });
            });
      return {
        cancel() {
          end();
          takeBack();
        },
      };
    },
  };
}

/** A running scan of ports 1 to `portCount` of one address, a clock, and a store that counts what hints cost. */
async function bench(portCount: number, cut: Partial<Geometry> = {}, over: Partial<ScanStore> = {}) {
  const sample = sampleScan({ status: 'running', chunks: 2 });
  const { geometry } = sample.plan;
  const size = Math.ceil(portCount / 2);
  const ports = portSet([[1 as PortNumber, portCount as PortNumber]], []);
  const plan = { ...sample.plan, ports, timing: TIMING, geometry: { ...geometry, portCount, size, ...cut } };
  const scan: Scan = { ...sample, plan };
  const clock = manualClock();
  const calls = { reads: 0, writes: 0 };
  const memory = { ...makeMemoryScanStore(), ...over };
  const store: ScanStore = {
    ...memory,
    readTimingHints(id, address) {
      calls.reads += 1;
      return memory.readTimingHints(id, address);
    },
    putTimingHints(id, learnt) {
      calls.writes += 1;
      return memory.putTimingHints(id, learnt);
    },
  };
  await store.createScan(scan);

  /** One delivery to a worker that has never met the target. */
  function start(chunk: number, refuses: Refusal) {
    const target = targetThat(refuses, clock);
    const states = makeTargetStates(TIMING, 1);
    const budget = makeSocketBudget(500);
    const ending = runChunk(
      { scanId: scan.id, chunk: chunkNumber(chunk) },
      {
        store,
        prober: target,
        connector: nodeConnector,
        clock,
        budgetOf: () => budget,
        policy: LOCAL_POLICY,
        targetsOf: () => states,
        receiveCount: 1,
        signal: new AbortController().signal,
        deadline: null,
        onStored: () => {},
        onProgress: () => {},
      },
    );
    return { asks: target.asks, ending };
  }
  const elapse = async (total: number): Promise<void> => {
    for (let passed = 0; passed < total; passed += STEP) {
      for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => clock.afterTurn(() => resolve(null)));
      clock.advance(STEP);
    }
  };
  const finish = async (ending: Promise<ChunkEnding>): Promise<ChunkEnding> => {
    let over = false;
    const settled = ending.finally(() => {
      over = true;
    });
    settled.catch(() => {});
    while (!over) await elapse(STEP);
    return settled;
  };
  const coverageOf = async (chunk: number) =>
    (await store.readCoverage(scan.id, chunkNumber(chunk)))?.runs ?? expect.unreachable();
  return { scan, store, calls, start, elapse, finish, coverageOf };
}

const waits = (asks: ReadonlyMap<number, readonly SeenAsk[]>, attempt: number): number[] =>
  [...asks.values()].map((ofPort) => ofPort[attempt - 1]?.waited ?? expect.unreachable());

/** Without what was asked of the ports of the chunk before, to hear whether the target is still there. */
const ofChunk = (asks: ReadonlyMap<number, readonly SeenAsk[]>, first: number) =>
  new Map([...asks].filter(([port]) => port >= first));

const silent: Refusal = () => null;

describe('Two workers on the chunks of one address', () => {
  it('share the round-trip time: the second waits for its first probes no longer than the first one found it takes', async () => {
    const { start, finish } = await bench(20);
    await finish(start(0, () => 30).ending);
    const { asks, ending } = start(1, (port) => (port <= 10 ? 30 : null));
    expect(await finish(ending)).toBe('done');
    expect(Math.max(...waits(ofChunk(asks, 11), 1))).toBeLessThan(TIMING.minRttTimeout + GRAIN);
  });

  it('share the losses: a silent port of the second is probed as often as those in the first call for', async () => {
    const { scan, store, start, finish } = await bench(40);
    await finish(start(0, (port, attempt) => (port % 3 === 0 && attempt === 1 ? null : 30)).ending);
    const { attempts, window } = (await store.readTimingHints(scan.id, TARGET)) ?? expect.unreachable();
    expect(attempts).toBeGreaterThan(2);
    expect(window).toBeLessThan(TIMING.initialWindow);
    const { asks, ending } = start(1, (port) => (port <= 20 ? 30 : null));
    await finish(ending);
    expect([...ofChunk(asks, 21).values()].map(({ length }) => length)).toEqual(
      Array.from({ length: 20 }, () => attempts),
    );
  });

  it('share by which port the target is heard: to the second, that nothing answers, it has gone silent', async () => {
    const { scan, store, start, finish, coverageOf } = await bench(20);
    await finish(start(0, () => 30).ending);
    const { closedPort, heardAt } = (await store.readTimingHints(scan.id, TARGET)) ?? expect.unreachable();
    expect(closedPort).toBeLessThanOrEqual(10);
    await finish(start(1, silent).ending);
    expect(await coverageOf(1)).toEqual([[10, 'unprobed/target-went-silent']]);
    const incidents = (await store.readCoverage(scan.id, chunkNumber(1)))?.tally.incidents;
    expect(incidents).toEqual([{ kind: 'went-silent', address: TARGET, from: heardAt, until: null, ports: 10 }]);
  });

  it('share which port is open: the second, that meets nothing but resets, sees it reset and says so', async () => {
    const { store, scan, start, finish } = await bench(400);
    await finish(start(0, (port) => (port === 7 ? 'accepted' : 5)).ending);
    await finish(start(1, () => 5).ending);
    const incidents = (await store.readCoverage(scan.id, chunkNumber(1)))?.tally.incidents;
    expect(incidents).toMatchObject([{ kind: 'reset-everything', address: TARGET, until: null, ports: 200 }]);
  });

  it('publish what they know within a flush, when nothing was known', async () => {
    const { scan, store, start, elapse, finish } = await bench(20);
    const { ending } = start(0, (port) => (port === 1 ? 20 : null));
    await elapse(100);
    expect(await store.readTimingHints(scan.id, TARGET)).toMatchObject({ smoothedRtt: 20, attempts: 2, window: null });
    await finish(ending);
  });

  it('hear of losses at a checkpoint, in the middle of a chunk', async () => {
    const { scan, store, start, elapse, finish } = await bench(2);
    const { asks, ending } = start(0, silent);
    await elapse(500);
    await store.putTimingHints(scan.id, sampleTimingHints({ attempts: 5 }));
    await finish(ending);
    expect([...asks.values()].map(({ length }) => length)).toEqual([5]);
  });

  it('lose no port to a round-trip time that is far too short, and hint it for the others', async () => {
    const { scan, store, start, finish, coverageOf } = await bench(20);
    await store.putTimingHints(scan.id, sampleTimingHints({ smoothedRtt: millis(1), rttVariation: millis(0) }));
    const { asks, ending } = start(1, () => 600);
    await finish(ending);
    expect(waits(asks, 1)[0]).toBeLessThan(TIMING.minRttTimeout + GRAIN);
    expect(await coverageOf(1)).toEqual([[10, 'closed/conn-refused']]);
    expect((await store.readTimingHints(scan.id, TARGET))?.smoothedRtt).toBeCloseTo(600, -1);
  });

  it('tell nothing that the others know already', async () => {
    const { calls, start, finish } = await bench(40);
    await finish(start(0, () => 30).ending);
    expect(calls.writes).toBe(1);
    await finish(start(1, () => 33).ending);
    expect(calls).toEqual({ reads: 3, writes: 1 });
  });

  it('do not take back what another saw lost', async () => {
    const { scan, store, start, elapse, finish } = await bench(40);
    const { ending } = start(0, (port) => (port === 1 ? 20 : 700));
    await elapse(500);
    // The other tells of its losses when this one has told of its first answer, and not yet that the rest takes longer.
    await store.putTimingHints(scan.id, sampleTimingHints({ attempts: 6, window: 25 }));
    await finish(ending);
    const learnt = (await store.readTimingHints(scan.id, TARGET)) ?? expect.unreachable();
    expect(learnt).toMatchObject({ attempts: 6, window: 25 });
    expect(learnt.smoothedRtt).toBeGreaterThan(500);
  });
});

describe('A hint', () => {
  it('is neither read nor written where each address lives in one chunk', async () => {
    for (const cut of [
      { kind: 'whole', size: 1, chunks: 1 },
      { kind: 'split', size: 20, chunks: 1 },
    ] as const) {
      const { calls, start, finish } = await bench(20, cut);
      expect(await finish(start(0, () => 30).ending)).toBe('done');
      expect(calls).toEqual({ reads: 0, writes: 0 });
    }
  });

  it('that the store can neither take nor give costs the chunk nothing', async () => {
    const down = () => Promise.reject(new PortfleetError([errorValue('STORE_UNAVAILABLE', 'Throttled.')]));
    const { calls, start, finish, coverageOf } = await bench(20, {}, { readTimingHints: down, putTimingHints: down });
    expect(await finish(start(0, (port) => (port % 2 ? 30 : null)).ending)).toBe('done');
    expect(countCoverage(await coverageOf(0))).toEqual({ settled: 10, unprobed: 0, pending: 0 });
    // At the first flush with news, at each checkpoint and at the end, but not at every flush.
    expect(calls.writes).toBeLessThan(6);
  });

  it('does not hide a mistake of ours', async () => {
    const broken = () => Promise.reject(new TypeError('no such column'));
    const { start, finish } = await bench(20, {}, { readTimingHints: broken });
    await expect(finish(start(0, () => 30).ending)).rejects.toThrow('no such column');
  });
});
