import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeCoverage } from '../../lambdas/aws/dynamo/coverage.ts';
import { itemBytes } from '../../lambdas/aws/dynamo/item-size.ts';
import type { ItemKey } from '../../lambdas/aws/dynamo/table.ts';
import { makeSqsChunkSender } from '../../lambdas/aws/sqs-senders.ts';
import { fleetOf } from '../../lambdas/deployed-fleet.ts';
import { NO_PROBES, runsOf } from '../../shared/domain/coverage.ts';
import { WORKER_PROBES } from '../../shared/domain/limits.ts';
import { chunkNumber, seed } from '../../shared/domain/units.ts';
import { NO_USAGE } from '../../shared/domain/usage.ts';
import { verdictCode } from '../../shared/domain/verdict.ts';
import { checkpointUnits, recordUnits, WRITE_UNIT_BYTES } from '../../shared/plan/record-units.ts';
import { plannedProbes } from '../../shared/plan/split-chunks.ts';
import { startScan } from '../../shared/usecases/send-chunks.ts';
import { aggregation } from '../../sim/aggregation.ts';
import { FIFO_CALLS_PER_SECOND } from '../../sim/aws-figures.ts';
import { billFor, followingCost, usageOf } from '../../sim/bill.ts';
import { makeEventHeap } from '../../sim/event-heap.ts';
import { type Message, makeFifoQueue } from '../../sim/fifo-queue.ts';
import { runFleet } from '../../sim/fleet.ts';
import type { FleetRun, FleetScan } from '../../sim/fleet-run.ts';
import { WORLD, type World } from '../../sim/hosts.ts';
import { duration, pageParts } from '../../sim/page.ts';
import { slotOpensAt, slotsAt } from '../../sim/ramp.ts';
import { makeDraws } from '../../sim/random-draws.ts';
import { allRows, type FleetRow } from '../../sim/rows.ts';
import { makeScanWork, type ScanWork } from '../../sim/scan-work.ts';
import { planWanted, refusalOf, type WantedScan } from '../../sim/scans.ts';
import { type SimulatedTurn, Turns } from '../../sim/sending.ts';
import { expectInDocs } from '../helpers/docs.ts';
import { manualClock } from '../helpers/manual-clock.ts';
import { makeMemoryScanStore } from '../helpers/memory-scan-store.ts';
import { freshScanId } from '../helpers/sample-scan.ts';

/** Addresses that nobody asks: all of this is arithmetic over virtual time. */
const SWEEP: WantedScan = { name: 'sweep', request: { targets: ['10.0.0.0/20'], topPorts: 100 }, openPerHost: 3 };
const HOSTS: WantedScan = { name: 'hosts', request: { targets: ['10.0.0.0/28'], ports: '-' }, openPerHost: 8 };
const ONE: WantedScan = {
  name: 'one',
  request: { targets: ['10.0.0.1'], ports: '-' },
  openPerHost: 8,
  isOneHost: true,
};

const SEED = seed(1);

async function planned(wanted: WantedScan, world: Partial<World> = {}, workers = 100): Promise<[FleetScan, ScanWork]> {
  const plan = await planWanted(wanted, workers, SEED);
  const scan = { ...plan, conditions: { ...plan.conditions, world: { ...plan.conditions.world, ...world } } };
  return [scan, makeScanWork(scan.scan, scan.conditions, SEED)];
}

const run = ([scan, works]: [FleetScan, ScanWork], workers = 100, at = SEED): FleetRun =>
  runFleet(scan, works, workers, at);

describe('An event source', () => {
  it('never runs more than 5 at once and 300 more a minute, nor more than it may', () => {
    fc.assert(
      fc.property(fc.nat(600), fc.integer({ min: 2, max: 1_000 }), (seconds, most) => {
        expect(slotsAt(seconds, most)).toBeLessThanOrEqual(Math.min(most, 5 + (300 * seconds) / 60));
      }),
    );
    expect([slotsAt(0, 1_000), slotsAt(60, 1_000), slotsAt(3_600, 64)]).toEqual([5, 305, 64]);
  });

  it('opens each slot when the ramp has come to it', () => {
    for (let slot = 0; slot < 1_000; slot++) {
      expect(slotsAt(slotOpensAt(slot) + 1e-9, 1_000)).toBeGreaterThan(slot);
      if (slot >= 5) expect(slotsAt(slotOpensAt(slot) - 1e-6, 1_000)).toBeLessThanOrEqual(slot);
    }
  });

  it('holds a short scan to as many workers as there was time for', async () => {
    const { mostWorkers, seconds } = run(await planned(SWEEP, {}, 1_000), 1_000);
    expect(mostWorkers).toBeLessThan(1_000);
    expect(mostWorkers).toBeLessThanOrEqual(slotsAt(seconds, 1_000));
  });
});

describe('A simulated scan', () => {
  it.each([SWEEP, HOSTS, ONE])('of $name ends every chunk once and meets every probe once', async (wanted) => {
    const [scan, works] = await planned(wanted);
    const { endings, chunks, probes, oldest, seconds } = run([scan, works]);
    expect(endings.done).toBe(chunks);
    expect(endings['given-up']).toBe(0);
    expect(probes).toBe(plannedProbes(scan.scan.plan.geometry));
    expect(oldest).toBeLessThan(seconds);
  });

  it.each([SWEEP, HOSTS])('of $name ends every chunk once though functions die and messages repeat', async (wanted) => {
    const { endings, chunks, deliveries } = run(await planned(wanted, { crashes: 0.3, duplicates: 0.3 }));
    expect(endings.crash).toBeGreaterThan(0);
    expect(endings.repeat).toBeGreaterThan(0);
    expect(endings.done + endings['given-up']).toBe(chunks);
    expect(deliveries).toBe(endings.done + endings['put-back'] + endings.crash + endings.repeat);
  });

  it('gives a chunk up when every delivery dies', async () => {
    const { endings, chunks } = run(await planned(ONE, { crashes: 1 }));
    expect([endings.done, endings['given-up'], endings.crash]).toEqual([0, chunks, 5 * chunks]);
  });

  it('is over within a minute of when it would have been, where one of its workers dies', async () => {
    const clean = run(await planned(ONE, { crashes: 0, duplicates: 0 }));
    const mortal = await planned(ONE, { crashes: 0.08, duplicates: 0 });
    const runs = Array.from({ length: 40 }, (_, at) => run(mortal, 100, seed(at)));
    const costs = runs.filter(({ endings }) => endings.crash === 1).map(({ seconds }) => seconds - clean.seconds);
    expect(costs.length).toBeGreaterThan(5);
    expect(Math.max(...costs)).toBeGreaterThan(5);
    expect(Math.max(...costs)).toBeLessThan(60);
  });

  it('goes on in another function where one does not live long enough, and probes every chunk to its end', async () => {
    const lossy = run(await planned(ONE, { loss: 0.3 }));
    const clean = run(await planned(ONE, { loss: 0 }));
    expect(lossy.endings['put-back']).toBeGreaterThan(0);
    expect(clean.endings['put-back']).toBe(0);
    expect(lossy.endings.done).toBe(lossy.chunks);
    expect(lossy.attempts).toBeGreaterThan(1.3 * clean.attempts);
  });

  it('says for every moment what it waited for', async () => {
    const { waits, seconds } = run(await planned(SWEEP, { crashes: 0.05 }));
    expect(Object.values(waits).reduce((sum, each) => sum + each, 0)).toBeCloseTo(seconds, 6);
  });

  it('is never slower with more workers, but for their cold starts', async () => {
    const quiet = await planned(SWEEP, { crashes: 0, duplicates: 0 }, 1_000);
    const times = [10, 30, 100, 300, 1_000].map((workers) => run(quiet, workers).seconds);
    for (const [place, time] of times.entries()) expect(time).toBeLessThan((times[place - 1] ?? Infinity) + 1);
    expect(times.at(-1)).toBeLessThan((times[0] ?? 0) / 4);
  });

  it('of one host is held to the rate of its address, whatever the fleet', async () => {
    const runs = [10, 1_000].map(async (workers) => run(await planned(ONE, {}, workers), workers));
    for (const { peaks, waits, seconds, mostWorkers } of await Promise.all(runs)) {
      expect(peaks.attempts).toBeLessThanOrEqual(3_000);
      expect(waits.lanes).toBeGreaterThan(seconds / 2);
      expect(mostWorkers).toBe(4);
    }
  });

  it('comes out the same for the same seed, and otherwise for another', async () => {
    const risky = await planned(SWEEP, { crashes: 0.05 });
    expect(run(risky)).toEqual(run(risky));
    expect(run(risky, 100, seed(2)).seconds).not.toBe(run(risky).seconds);
  });
});

describe('The queue of the simulation', () => {
  it('has never two messages of one group in hand, and keeps their order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(3), { minLength: 1, maxLength: 40 }),
        fc.infiniteStream(fc.boolean()),
        (lanes, toss) => {
          const queue = makeFifoQueue(Int32Array.from(lanes));
          for (const chunk of lanes.keys()) queue.send(chunk, 0);
          const [inHand, gone]: [Message[], number[]] = [[], []];
          while (gone.length < lanes.length) {
            const message = toss.next().value ? queue.take() : undefined;
            if (message) inHand.push(message);
            const held = inHand.map(({ chunk }) => lanes[chunk]);
            expect(new Set(held).size).toBe(held.length);
            const back = message ? undefined : inHand.shift();
            if (!back) continue;
            if (toss.next().value) queue.giveBack(back);
            else {
              gone.push(back.chunk);
              queue.remove(back);
            }
          }
          for (const lane of new Set(lanes)) {
            const ofLane = gone.filter((chunk) => lanes[chunk] === lane);
            expect(ofLane).toEqual([...ofLane].sort((a, b) => a - b));
          }
          expect([queue.ready(), queue.behind()]).toEqual([0, 0]);
        },
      ),
    );
  });

  it('gets every chunk once, turn by turn, the first in as many calls as the API makes', async () => {
    for (const [wanted, workers] of [
      [ONE, 10],
      [SWEEP, 10],
      [HOSTS, 1_000],
    ] as const) {
      const [{ scan }] = await planned(wanted, {}, workers);
      const turns = new Turns(scan.plan, workers);
      const numbers: number[] = [];
      let [first, now] = [-1, 0];
      for (let next: number | null = 0; next !== null; ) {
        now = next;
        const turn: SimulatedTurn = turns.take(now, { ended: numbers.length, workerSeconds: numbers.length * 5 });
        if (first < 0) first = turn.sendings.length;
        for (const { first: from, count, at } of turn.sendings) {
          expect(at).toBeGreaterThan(now);
          for (let chunk = from; chunk < from + count; chunk++) numbers.push(chunk);
        }
        next = turn.nextAt;
      }
      expect(numbers).toEqual([...Array(scan.plan.geometry.chunks).keys()]);
      expect(first).toBe(await callsOf(scan, workers));
    }
  });
});

/** Calls of SQS that the program itself makes at the first turn of that scan. */
async function callsOf(planned: FleetScan['scan'], workers: number): Promise<number> {
  const clock = manualClock();
  const scan = { ...planned, id: freshScanId(), submittedAt: clock.wall() };
  const store = makeMemoryScanStore();
  await store.createScan(scan);
  let calls = 0;
  const client = {
    send: async (command: unknown) => {
      expect(command).toBeInstanceOf(SendMessageBatchCommand);
      calls += 1;
      return {};
    },
  };
  const queue = makeSqsChunkSender(client as never, 'chunks');
  const fleet = fleetOf(workers);
  const usage = { over: async () => NO_USAGE };
  await startScan(scan, {
    store,
    clock,
    queue,
    fleet,
    usage,
    ranges: { send: async () => {} },
    activeScans: async () => 1,
  });
  return calls;
}

describe('What the simulation assumes', () => {
  it.each([100, 1_700, 4_195, 5_000, WORKER_PROBES])('of a record of %i probes is not too light', async (probes) => {
    const toss = makeDraws(SEED)(0);
    const answered = verdictCode('closed/conn-refused');
    const silent = verdictCode('filtered/no-response');
    const verdict = (): number => (toss.uniform() < WORLD.silent + WORLD.firewalled ? silent : answered);
    const half = Uint8Array.from({ length: probes }, () => (toss.uniform() < 0.5 ? verdict() : 0));
    const all = Uint8Array.from({ length: probes }, verdict);
    expect(await unitsOf(half)).toBeLessThanOrEqual(checkpointUnits(probes));
    expect(await unitsOf(all)).toBeLessThanOrEqual(recordUnits(probes));
  });

  it('about hosts is drawn as it says', () => {
    const drawsOf = makeDraws(SEED);
    const mean = (draw: (place: number) => number): number =>
      Array.from({ length: 4_000 }, (_, place) => draw(place)).reduce((sum, each) => sum + each, 0) / 4_000;
    for (const [count, share] of [
      [5, 0.7],
      [1_000, 0.005],
      [5_400, 0.3],
    ] as const) {
      expect(mean((place) => drawsOf(place).binomial(count, share)) / (count * share)).toBeCloseTo(1, 1);
    }
    expect(mean((place) => (drawsOf(place).lognormal(WORLD.rtt) < WORLD.rtt.median ? 1 : 0))).toBeCloseTo(0.5, 1);
    expect([drawsOf(0).binomial(9, 1), drawsOf(0).binomial(9, 0)]).toEqual([9, 0]);
  });

  it('happens in the order of its times, and for one time in the order it was planned in', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20)), (times) => {
        const heap = makeEventHeap<number>();
        for (const [place, time] of times.entries()) heap.put(time, place);
        const taken = times.map(() => heap.take());
        const byTime = [...times.keys()].sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0) || a - b);
        expect(taken).toEqual(byTime);
        expect(heap.take()).toBeUndefined();
      }),
    );
  });
});

/** Write units of a chunk's record as the program stores it. */
async function unitsOf(codes: Uint8Array): Promise<number> {
  let stored: ItemKey = { pk: '', sk: '' };
  const put = async (item: ItemKey) => {
    stored = item;
    return true;
  };
  const retention = { expires: () => 1_800_000_000, isOver: () => false };
  await makeCoverage({ put } as never, retention).putCoverage(freshScanId(), {
    chunk: chunkNumber(123_456),
    runs: runsOf(codes),
    tally: NO_PROBES,
  });
  return Math.ceil(itemBytes(stored) / WRITE_UNIT_BYTES);
}

describe('A bill', () => {
  it('is the sum of its services, and twice as high for twice as much', async () => {
    const [scan, works] = await planned(SWEEP);
    const result = run([scan, works]);
    const usage = usageOf(result, aggregation(result, scan.scan.plan.geometry.addressCount));
    const { lambda, sqs, dynamodb, other, total } = billFor(usage);
    expect(lambda + sqs + dynamodb + other).toBeCloseTo(total, 12);
    expect(Math.min(lambda, sqs, dynamodb, other)).toBeGreaterThan(0);
    const double = Object.fromEntries(Object.entries(usage).map(([name, value]) => [name, 2 * value]));
    expect(billFor(double as unknown as typeof usage).total).toBeCloseTo(2 * total, 12);
  });

  it('does not hang on the fleet, because workers cost by the second', async () => {
    const quiet = await planned(SWEEP, { crashes: 0, duplicates: 0 });
    const [few, many] = [10, 100].map((workers) => run(quiet, workers));
    expect((many?.workerSeconds ?? 0) / (few?.workerSeconds ?? 1)).toBeCloseTo(1, 1);
  });

  it('for following a scan grows with its time', () => {
    expect(followingCost(13, 100)).toBeCloseTo(10 * followingCost(13, 10), 12);
    expect(followingCost(10_000, 3_600)).toBeGreaterThan(followingCost(13, 3_600));
  });
});

describe('docs/scale.md', () => {
  let rows: FleetRow[] = [];

  beforeAll(async () => {
    rows = await allRows();
  });

  it('lies within a quarter of what the API estimates, wide sweeps too', () => {
    for (const { name, workers, bill, estimate } of rows) {
      expect(bill.total / estimate.expected, `${name}, ${workers} workers`).toBeGreaterThan(0.8);
      expect(bill.total / estimate.expected, `${name}, ${workers} workers`).toBeLessThan(1.25);
    }
  });

  it('has the usual ports of a /16 for less than eight cents, whatever the fleet', () => {
    const wide = rows.filter(({ name }) => name === '/16 × 100');
    expect(wide).toHaveLength(3);
    for (const { bill } of wide) expect(bill.total).toBeLessThan(0.08);
  });

  it('says that a scan behind one of 10⁹ probes has workers within a minute, whatever the fleet', () => {
    for (const row of rows.filter(({ name }) => name.startsWith('10⁹'))) {
      expect(row.run.longestWait).toBeGreaterThan(0);
      expect(row.run.longestWait).toBeLessThan(60);
    }
  });

  it.each(['time', 'cost', 'limits'] as const)('shows as "%s" what the simulation says', (part) => {
    expectInDocs('docs/scale.md', part, pageParts(rows)[part]);
  });

  it('marks what the API would refuse', async () => {
    for (const { run: result, refusal } of rows) {
      expect(refusal?.code).toBe(result.probes > 100_000_000 ? 'PROBES_SPENT' : undefined);
    }
    const [scan] = await planned(SWEEP);
    expect(await refusalOf(scan)).toBeUndefined();
  });

  it('names the limits that a row is over', () => {
    const [first] = rows;
    const crowded = rows.map((row) => ({ ...row, uses: row.uses.map((_, place) => (place === 0 ? 2 : 0)) }));
    expect(pageParts(crowded).limits).toContain(`the first that is over a limit is **${first?.name}`);
    expect(pageParts(crowded).limits).toContain(`${FIFO_CALLS_PER_SECOND} calls a second`);
    const easy = rows.map((row) => ({ ...row, uses: row.uses.map(() => 0) }));
    expect(pageParts(easy).limits).toContain('No row is over any limit.');
  });

  it.each([
    [47.4, '47 s'],
    [334, '5:34 min'],
    [175_930, '48:52 h'],
  ] as const)('says %d seconds as %s', (time, text) => {
    expect(duration(time)).toBe(text);
  });
});
