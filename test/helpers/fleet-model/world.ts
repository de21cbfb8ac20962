import type { SQSRecord } from 'aws-lambda';
import { makeHandler as makeAggregator } from '../../../lambdas/aggregator/handler.ts';
import { makeHandler as makeDeadLetter } from '../../../lambdas/dead-letter/handler.ts';
import { fleetOf } from '../../../lambdas/deployed-fleet.ts';
import { makeHandler as makeSplitter } from '../../../lambdas/splitter/handler.ts';
import { makeHandler as makeSweeper } from '../../../lambdas/sweeper/handler.ts';
import { makeSendAgain } from '../../../lambdas/sweeper/send-again.ts';
import type { SweepRecord, SweepRecords } from '../../../lambdas/sweeper/sweep-record.ts';
import { makeHandler as makeWorker } from '../../../lambdas/worker/handler.ts';
import { CHUNK_VISIBILITY_SECONDS, WORKER_SECONDS } from '../../../shared/domain/limits.ts';
import type { Scan, Submitter } from '../../../shared/domain/scan.ts';
import { isOver } from '../../../shared/domain/scan-status.ts';
import { type Address, type Millis, millis, type ScanId, seed } from '../../../shared/domain/units.ts';
import { NO_USAGE } from '../../../shared/domain/usage.ts';
import { OPEN_EGRESS } from '../../../shared/request/egress-restrictions.ts';
import { parseRequest } from '../../../shared/request/parse-request.ts';
import { JSON_FIELDS } from '../../../shared/request/request-fields.ts';
import { LOCAL_POLICY } from '../../../shared/request/target-policy.ts';
import type { ChunkSender } from '../../../shared/seams/chunk-queue.ts';
import type { RangeQueue } from '../../../shared/seams/range-queue.ts';
import type { ScanStore } from '../../../shared/seams/scan-store.ts';
import { acceptScan } from '../../../shared/usecases/accept-scan.ts';
import { cancelScan } from '../../../shared/usecases/cancel-scan.ts';
import { resumeScan } from '../../../shared/usecases/resume-scan.ts';
import { startScan } from '../../../shared/usecases/send-chunks.ts';
import type { Random } from '../faults.ts';
import { streamRecord } from '../lambda/events.ts';
import { keepWords } from '../lambda/quiet.ts';
import { makeMemoryCallerStore } from '../memory-caller-store.ts';
import { freshScanId } from '../sample-scan.ts';
import { type VirtualHost, virtualNetwork } from '../virtual-network.ts';
import { judgeReport, makeLedger, type Truth } from './ledger.ts';
import { type ModelQueue, makeModelQueue } from './model-queue.ts';
import { beginLife, type Life, mortalClock, mortalProber, overNetwork, type Weather } from './mortal.ts';

/*
 * A deployment in small: the functions as they are, over queues, a table and a network that are models, in a time of
 * their own. Whatever may go wrong goes wrong now and then: a process dies before or after any call, runs out of its
 * time, a call is slow, is refused, or takes effect and says that it failed; messages come twice and out of order, late,
 * or from somewhere else; all functions are replaced in the middle.
 *
 *   user ─▶ acceptScan ─▶ chunks ─▶ worker ──▶ table ─▶ stream ─▶ aggregator
 *             │             ▲  └─▶ dead letters ─▶ dead-letter      │
 *             └─▶ ranges ─▶ splitter  ◀── sweeper, every 3 minutes ◀┘
 */

export interface WorldOptions {
  readonly random: Random;
  readonly store: ScanStore;
  /** For the first hour. */
  readonly weather: Weather;
  readonly scans: number;
  /** Workers at once. */
  readonly workers: number;
}

export interface Outcome {
  readonly scans: readonly Scan[];
  /** What should not have happened; empty where all laws held. */
  readonly broken: readonly string[];
  /** How often each of the things happened that a schedule is to have in it. */
  readonly happened: Readonly<Record<Happening, number>>;
}

/** Counted, so that a test can tell that the schedules had it all in them. */
export type Happening =
  | 'deaths'
  | 'dead letters'
  | 'sent on'
  | 'given up'
  | 'swept'
  | 'cancelled'
  | 'resumed'
  | 'replaced';

const MINUTE = 60_000;
const SWEEP_EVERY = millis(3 * MINUTE);
const AGGREGATIONS = 3;

/** A dead-letter queue that is reached: the real one lets a message be received a thousand times first. */
const RECEIVES = 12;

/** So long everything goes wrong as often as the test says; then as rarely as it does. */
const STORM = 60 * MINUTE;
const FAIR: Weather = { death: 0.0005, failure: 0.0005, slowness: 0.001 };

/** A scan that is not over after so long never will be. */
const LONGEST = 30 * 24 * 60 * MINUTE;

const ADDRESSES = ['192.0.2.1', '192.0.2.2', '192.0.2.3'];

/** Every ninth port is open, every seventh silent. */
const truth: Truth = (address, port) => {
  const mixed = port + Number(address.split('.')[3]);
  return mixed % 9 === 0 ? 'open' : mixed % 7 === 0 ? 'silent' : 'closed';
};

const hostOf = (address: string): VirtualHost => ({ rtt: 20, treat: (port) => truth(address, port) });

export async function runWorld(options: WorldOptions): Promise<Outcome> {
  const network = virtualNetwork(Object.fromEntries(ADDRESSES.map((each) => [each, hostOf(each)])), LONGEST);
  const world = makeWorld(options, network);
  const functions = runFunctions(world);
  const users = Array.from({ length: options.scans }, () => useFleet(world));
  await network.run(Promise.all([...users, poison(world)]).then(() => world.quiet()));
  world.isOver = true;
  void functions;
  const scans: Scan[] = [];
  const broken = [...world.ledger.broken];
  for (const id of world.ids) {
    const scan = await world.store.readScan(id);
    if (!scan) continue;
    scans.push(scan);
    broken.push(...(await judgeReport(scan, world.store, truth)));
  }
  if (world.ledger.active.size > 0) broken.push(`${world.ledger.active.size} scans that are over are still swept`);
  const { counts } = world.kept;
  const happened = {
    ...world.happened,
    'sent on': counts.ChunksPutBack ?? 0,
    'given up': counts.ChunksGivenUp ?? 0,
    swept: counts.StalledScans ?? 0,
  };
  return { scans, broken, happened };
}

type World = ReturnType<typeof makeWorld>;

function makeWorld(
  { random, store, weather, workers }: WorldOptions,
  { clock, prober }: ReturnType<typeof virtualNetwork>,
) {
  const ledger = makeLedger(store, truth);
  const rules = { clock, random, mostReceives: RECEIVES };
  const visibility = CHUNK_VISIBILITY_SECONDS * 1_000;
  const dead = makeModelQueue({ ...rules, kind: 'fifo', visibility, mostReceives: 1_000_000, onDead: () => {} });
  const happened = { deaths: 0, 'dead letters': 0, cancelled: 0, resumed: 0, replaced: 0 };
  const onDead = (body: string, group: string): void => {
    happened['dead letters'] += 1;
    dead.send(body, { group });
  };
  const chunks = makeModelQueue({ ...rules, kind: 'fifo', visibility, onDead });
  const lost = { onDead: () => {} };
  const ranges = makeModelQueue({ ...rules, kind: 'standard', visibility, mostReceives: 5, ...lost });
  const stream = makeModelQueue({ ...rules, kind: 'fifo', visibility: 1, mostReceives: AGGREGATIONS, ...lost });
  ledger.onFinalizing = (id) => stream.send(id, { group: id });
  const records = new Map<ScanId, SweepRecord>();
  const sweepRecords: SweepRecords = {
    read: async (id) => records.get(id),
    write: async (id, record) => void records.set(id, record),
  };
  const sender: ChunkSender = {
    send: async (messages) => {
      for (const { message, group, deduplicationKey } of messages)
        chunks.send(message, { group, key: deduplicationKey });
    },
  };
  const rangeQueue: RangeQueue = {
    send: async (all, delay = 0) => all.forEach((range) => void ranges.send(range, { delay: delay * 1_000 })),
  };
  return {
    random,
    clock,
    prober,
    workers,
    store,
    ledger,
    chunks,
    ranges,
    dead,
    stream,
    sweepRecords,
    sender,
    rangeQueue,
    callers: makeMemoryCallerStore(),
    /** What is wrong with the network is over after an hour: no fleet ends a scan while its table is down. */
    hazards: { random, clock, weather: () => (clock.now() < STORM ? weather : FAIR) },
    lives: new Set<Life>(),
    ids: new Set<ScanId>(),
    isOver: false,
    kept: keepWords(),
    happened,
    pause: (length: number): Promise<void> => new Promise((resolve) => void clock.after(millis(length), resolve)),
    /** The sweeper has forgotten what is over. */
    async quiet(): Promise<void> {
      for (let round = 0; ledger.active.size > 0 && round < 1_000; round++) await this.pause(MINUTE);
    },
  };
}

/** A process of a function: its own memory, and everything it touches as a mortal touches it. */
function parts(world: World, life: Life) {
  const mortal = <Target extends object>(target: Target): Target => overNetwork(target, life, world.hazards);
  return {
    ...world.kept,
    mortal,
    store: mortal(world.ledger.store),
    clock: mortalClock(world.clock, life),
    prober: mortalProber(world.prober, life),
    queue: mortal(world.sender),
    ranges: mortal(world.rangeQueue),
    records: mortal(world.sweepRecords),
    callers: mortal(world.callers),
    usage: SLOW_CHUNKS,
    fleet: fleetOf(world.workers),
    activeScans: async () => world.ledger.active.size,
    writeUnits: () => 0,
    startMillis: 0,
    random: world.random,
  };
}

/** Chunks count as so slow that a scan goes out in many turns. */
const SLOW_CHUNKS = { add: async () => {}, over: async () => ({ ...NO_USAGE, ended: 1, millis: 100_000 }) };

type Parts = ReturnType<typeof parts>;

/** Runs something in a process that may die of it, for so long at the most; undefined where it died. */
async function inProcess<Value>(
  world: World,
  life: Life,
  limit: number,
  work: () => Promise<Value>,
): Promise<Value | undefined> {
  world.lives.add(life);
  const takeBack = world.clock.after(millis(limit), life.end);
  const result = await Promise.race([work(), life.ended]);
  takeBack();
  world.lives.delete(life);
  if (result !== 'dead') return result as Value;
  world.happened.deaths += 1;
  return undefined;
}

type Handler = (record: SQSRecord, endsAt: number) => Promise<readonly string[]>;

/** An event source and its function: takes one message after the other, and deletes what the function did not fail. */
async function poll(world: World, queue: ModelQueue, limit: number, make: (parts: Parts) => Handler): Promise<void> {
  let process: { life: Life; handler: Handler } | undefined;
  while (!world.isOver) {
    const record = queue.receive();
    if (!record) {
      await queue.changed();
      continue;
    }
    // A function that has no room takes the message, and does nothing with it.
    if (world.random() < THROTTLED) continue;
    if (!process || process.life.isOver()) {
      const life = beginLife();
      process = { life, handler: make(parts(world, life)) };
    }
    const { life, handler } = process;
    const endsAt = world.clock.now() + limit;
    const failed = await inProcess(world, life, limit, async () =>
      handler(record, endsAt).catch(() => [record.messageId]),
    );
    if (failed?.length === 0) queue.remove(record);
  }
}

const THROTTLED = 0.03;
const FUNCTION_SECONDS = WORKER_SECONDS * 1_000;

const failures = ({ batchItemFailures }: { batchItemFailures: readonly { itemIdentifier: string }[] }): string[] =>
  batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);

function workerOf(world: World, own: Parts): Handler {
  const { random, chunks, clock } = world;
  const queue = {
    sendAgain: async ({ messageId, body, attributes }: SQSRecord) =>
      chunks.send(body, { group: attributes.MessageGroupId ?? '', key: `${messageId}/next` }),
    hide: async (record: SQSRecord, length: Millis) => {
      if (!chunks.hide(record, length)) throw new Error('MessageNotInflight');
    },
  };
  const handler = makeWorker({
    ...own,
    queue: own.mortal(queue),
    connector: { open: () => never() } as never,
    policy: LOCAL_POLICY,
    egress: OPEN_EGRESS,
    sockets: 50,
    random,
  });
  return async (record, endsAt) => {
    const context = { getRemainingTimeInMillis: () => Math.max(0, endsAt - clock.now()) };
    return failures(await handler({ Records: [record] }, context));
  };
}

const hiding = (queue: ModelQueue) => ({
  hide: async (record: SQSRecord, length: Millis) => void queue.hide(record, length),
});

const never = (): never => {
  throw new Error('no service is asked');
};

async function runFunctions(world: World): Promise<void> {
  const { chunks, ranges, dead, stream } = world;
  await Promise.all([
    ...Array.from({ length: world.workers }, () =>
      poll(world, chunks, FUNCTION_SECONDS, (own) => workerOf(world, own)),
    ),
    poll(
      world,
      ranges,
      FUNCTION_SECONDS,
      (own) => async (record) =>
        failures(await makeSplitter({ ...own, source: hiding(ranges) })({ Records: [record] })),
    ),
    poll(
      world,
      dead,
      FUNCTION_SECONDS,
      (own) => async (record) => failures(await makeDeadLetter(own)({ Records: [record] })),
    ),
    poll(
      world,
      stream,
      FUNCTION_SECONDS,
      (own) =>
        async ({ body, messageId }) =>
          failures(await makeAggregator(own)({ Records: [streamRecord(body, messageId)] })),
    ),
    sweep(world),
  ]);
}

async function sweep(world: World): Promise<void> {
  while (!world.isOver) {
    await world.pause(SWEEP_EVERY);
    const life = beginLife();
    const own = parts(world, life);
    const active = async function* (): AsyncGenerator<ScanId> {
      yield* [...world.ledger.active];
    };
    const forget = async (id: ScanId): Promise<void> => void world.ledger.active.delete(id);
    await inProcess(world, life, 2 * FUNCTION_SECONDS, () => makeSweeper({ ...own, active, forget })());
  }
}

const USER: Submitter = { caller: 'user', sourceAddress: null };

/** Submits a scan until an answer comes, may cancel it, and resumes it where it ended with gaps or was not summed up. */
async function useFleet(world: World): Promise<void> {
  const { random, clock } = world;
  await world.pause(random() * 5 * MINUTE);
  const scan = await submit(world);
  world.ids.add(scan.id);
  const isCancelled = random() < 0.15;
  if (isCancelled) {
    await world.pause(random() * 2 * MINUTE);
    const cancelled = await asking(world, async (own) => cancelScan(own, scan));
    if (cancelled.ok) world.happened.cancelled += 1;
  }
  for (let resumed = 0; ; resumed++) {
    const ended = await untilOver(world, scan.id);
    const canGoOn = ended.status === 'complete-with-gaps' || ended.status === 'failed';
    if (isCancelled || !canGoOn || resumed === 2) return;
    await world.pause(random() * MINUTE);
    world.happened.resumed += 1;
    await asking(world, async (own) => {
      const sendAgain = makeSendAgain({ ...own, clock });
      const now = (await own.store.readScan(scan.id)) ?? ended;
      return resumeScan(
        { ...own, clock, newId: freshScanId, quota: QUOTA, sendAgain, wake: async () => false },
        now,
        USER,
      );
    });
  }
}

const QUOTA = { probesPerDay: null, scansAtOnce: null };

async function untilOver(world: World, id: ScanId): Promise<Scan> {
  for (;;) {
    const scan = await world.store.readScan(id);
    if (scan && isOver(scan.status)) return scan;
    await world.pause(20_000);
  }
}

/** Asks the API, whose process may die, until it has answered. */
async function asking<Value>(world: World, request: (own: Parts) => Promise<Value>): Promise<Value> {
  for (;;) {
    const life = beginLife();
    const own = parts(world, life);
    const answer = await inProcess(world, life, FUNCTION_SECONDS, async () => {
      try {
        return { value: await request(own) };
      } catch {
        return undefined;
      }
    });
    if (answer) return answer.value;
    await world.pause(1_000);
  }
}

async function submit(world: World): Promise<Scan> {
  const { random } = world;
  const ports = 8 + Math.floor(random() * 40);
  const targets = ADDRESSES.slice(0, 1 + Math.floor(random() * ADDRESSES.length));
  // A chunk of a target that may be probed every five seconds is more than one function lives for.
  const rate = random() < 0.2 ? 0.2 : 'none';
  const parsed = parseRequest({ targets, ports: `100-${99 + ports}`, timing: 'T5', rate }, JSON_FIELDS);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  const fleet = {
    workers: 1 + Math.floor(random() * 3),
    socketsPerWorker: 50,
    maxProbesPerChunk: 2 + Math.floor(random() * 9),
  };
  const key = { name: `${random()}`, fingerprint: 'same' };
  const accepted = await asking(world, (own) =>
    acceptScan(
      { request: parsed.value, submitter: USER, key },
      {
        ...own,
        fleet,
        quota: QUOTA,
        policy: LOCAL_POLICY,
        resolver: { resolve: async () => [] as Address[] },
        newId: freshScanId,
        newSeed: () => seed(Math.floor(random() * 1_000)),
        submit: (scan) => startScan(scan, own),
      },
    ),
  );
  if (!accepted.ok) throw new Error(JSON.stringify(accepted.errors));
  return accepted.value.scan;
}

/** Messages that no scan of this fleet has sent, and old ones once more; and now and then every process is replaced. */
async function poison(world: World): Promise<void> {
  const { random, chunks, ranges, dead, ids } = world;
  for (let round = 0; round < 30; round++) {
    await world.pause(random() * MINUTE);
    const known = [...ids][Math.floor(random() * ids.size)] ?? freshScanId();
    const bodies = [
      'null',
      '{"chunk":0}',
      { scanId: known, chunk: 1_000_000 },
      { scanId: known, chunk: Math.floor(random() * 4) },
      { scanId: freshScanId(), chunk: 0 },
      { scanId: known, chunk: 0, first: 0, count: 5, generation: 0 },
      { scanId: known, first: 0, count: 1_000_000, generation: Math.floor(random() * 3) },
    ];
    const body = bodies[Math.floor(random() * bodies.length)];
    const queue = [chunks, chunks, ranges][Math.floor(random() * 3)];
    queue?.send(body, { group: `alien ${round}` });
    if (random() < 0.1) dead.send(bodies[Math.floor(random() * 3)], { group: `alien ${round}` });
    if (random() < 0.9) continue;
    world.happened.replaced += 1;
    for (const life of world.lives) life.end();
  }
}
