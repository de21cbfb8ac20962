import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { makeDynamoCallerStore } from '../../lambdas/aws/dynamo/caller-store.ts';
import { makeRetention } from '../../lambdas/aws/dynamo/retention.ts';
import { makeScanLinks } from '../../lambdas/aws/dynamo/scan-links.ts';
import { makeDynamoScanStore } from '../../lambdas/aws/dynamo/scan-store.ts';
import { makeDynamoWatchStore } from '../../lambdas/aws/dynamo/watch-store.ts';
import { makeHandler } from '../../lambdas/watcher/handler.ts';
import { epochMillis, hostKey, millis } from '../../shared/domain/units.ts';
import type { Watch, WatchSpec } from '../../shared/domain/watch.ts';
import { sendTest } from '../../shared/usecases/manage-watches.ts';
import type { ReceiverAnswer } from '../../shared/watch/backoff.ts';
import { ownTable, startDynamoLocal } from '../helpers/aws/dynamo-local.ts';
import type { Emulator } from '../helpers/aws/emulator.ts';
import { awsToolsMissing } from '../helpers/aws/tools.ts';
import { deliveryRecord, streamEvent, streamRecord } from '../helpers/lambda/events.ts';
import { manualClock } from '../helpers/manual-clock.ts';
import { closedPort, openPort } from '../helpers/ports.ts';
import { freshScanId } from '../helpers/sample-scan.ts';
import { sampleWatch } from '../helpers/sample-watch.ts';
import { watchedFleet } from '../helpers/watched-fleet.ts';

const missing = awsToolsMissing({ java: true, python: false });
if (missing) console.warn(`The watches of a deployment are not tested: this ${missing}`);

const log = { info: () => {}, warn: () => {} };
const LONG = { getRemainingTimeInMillis: () => 600_000 };
const MINUTE = millis(60_000);
const TAKEN: ReceiverAnswer = { kind: 'taken', answer: 'yes' };

describe.skipIf(missing)('The watcher, over the real DynamoDB Local', () => {
  let dynamo: Emulator;
  beforeAll(async () => {
    dynamo = await startDynamoLocal();
  });
  afterAll(() => dynamo.stop());

  /** A deployment with one watch, whose receiver answers as the test says, on a clock that only the test moves. */
  async function deployment(spec: Partial<WatchSpec>, answer: () => ReceiverAnswer = () => TAKEN) {
    const { table, remove } = await ownTable(dynamo.endpoint);
    onTestFinished(remove);
    const clock = manualClock();
    const retention = makeRetention(30, clock);
    const store = makeDynamoScanStore(table, retention, clock);
    const watches = makeDynamoWatchStore(table);
    const callers = makeDynamoCallerStore(table, retention);
    const { scans, links, work } = watchedFleet({ store, clock, callers, links: makeScanLinks(table, retention) });
    const sent: { readonly id: string; readonly kind: string }[] = [];
    let givenUp = 0;
    const announced: string[] = [];
    const handle = makeHandler({
      ...{ watches, store, scans, links, clock, log, newId: freshScanId },
      announce: async ({ id }) => void announced.push(id),
      send: async ({ id, message }) => {
        sent.push({ id, kind: message.kind });
        return answer();
      },
      onGivenUp: () => {
        givenUp += 1;
      },
    });
    const watch = sampleWatch({ spec: { notify: ['sns'], ...spec }, nextRunAt: clock.wall() });
    await watches.createWatch(watch);
    /** A minute passes: the schedule starts the watcher, what it sends is worked on, and the stream tells what is over. */
    const minute = async (): Promise<void> => {
      clock.advance(MINUTE);
      await handle({}, LONG);
      for (const id of await work()) await handle(streamEvent(streamRecord(id)), LONG);
    };
    const now = async (): Promise<Watch> => (await watches.readWatch(watch.id)) ?? expect.unreachable();
    const minutes = async (count: number): Promise<void> => {
      for (let passed = 0; passed < count; passed++) await minute();
    };
    return { handle, minute, minutes, now, clock, watch, watches, store, sent, announced, givenUp: () => givenUp };
  }

  it('learns, confirms a change by two more scans a minute apart, and tells it once', async () => {
    const [shut, later] = [await closedPort(), await openPort()];
    const at = later.port;
    await later[Symbol.asyncDispose]();
    const { minute, minutes, now, sent, watches, watch, announced } = await deployment({
      request: { targets: ['127.0.0.1'], ports: `${shut},${at}` },
    });
    await minutes(3);
    expect(await now()).toMatchObject({ phase: { kind: 'idle' }, runs: [{ number: 1, rounds: 3, changes: 0 }] });
    expect(announced).toHaveLength(3);
    await using opened = await openPort(undefined, { port: at });
    expect(opened.port).toBe(at);
    // The next run is due within the hour; its scan and the two that confirm it are three minutes.
    for (let passed = 0; passed < 60 && (await now()).runs[0]?.number === 1; passed++) await minute();
    expect((await now()).runs[0]).toMatchObject({ number: 2, rounds: 3, changes: 1 });
    await minute();
    expect(sent).toEqual([{ id: `${watch.id}-2-to-1`, kind: 'changes' }]);
    await minutes(2);
    expect(sent).toHaveLength(1);
    expect((await watches.readHost(watch.id, hostKey('127.0.0.1')))?.spans).toEqual({
      [`tcp/${at}`]: [expect.objectContaining({ to: null })],
    });
  });

  it('submits a round once, whoever looks, and however many do at once', async () => {
    const { handle, clock, watch, store, now } = await deployment({ request: { targets: ['127.0.0.1'], ports: '1' } });
    clock.advance(MINUTE);
    await Promise.all(Array.from({ length: 4 }, () => handle({}, LONG)));
    await handle({}, LONG);
    const { items } = await store.listScans({ limit: 10 });
    const { phase } = await now();
    expect(items).toHaveLength(1);
    expect(phase).toMatchObject({ kind: 'scanning', scan: items[0]?.id });
    expect(items[0]?.submittedBy).toEqual({ caller: watch.owner, sourceAddress: null });
  });

  it('tells at once what the stream says was written, tries a day, then gives up and shows it', async () => {
    const refusing = (): ReceiverAnswer => ({ kind: 'again', answer: 'Throttled' });
    const { handle, clock, watch, watches, sent, givenUp } = await deployment(
      { schedule: { kind: 'every', interval: millis(366 * 86_400_000) } },
      refusing,
    );
    await watches.deleteWatch(watch.id);
    await watches.createWatch({ ...watch, nextRunAt: null, status: 'paused' });
    const manage = { watches, clock, newWatchId: () => watch.id, newSecret: () => '' };
    const [id = ''] = await sendTest(watch, manage);
    await handle(streamEvent(deliveryRecord(watch.id, id)), LONG);
    expect(sent).toEqual([{ id, kind: 'test' }]);
    await handle(streamEvent(deliveryRecord(watch.id, id)), LONG);
    expect(sent).toHaveLength(1);
    for (let hour = 0; hour < 26; hour++) {
      clock.advance(millis(3_600_000));
      await handle({}, LONG);
    }
    expect(await watches.listDeliveries(watch.id, 9)).toMatchObject([{ id, state: 'given-up', answer: 'Throttled' }]);
    expect(new Set(sent.map((each) => each.id))).toEqual(new Set([id]));
    expect(givenUp()).toBe(1);
  });

  it('fails its invocation for the alarm where a watch cannot be seen to, after it has seen to the others', async () => {
    const { handle, clock, watches, now } = await deployment({ request: { targets: ['127.0.0.1'], ports: '1' } });
    const broken = sampleWatch({ nextRunAt: epochMillis(1), phase: { kind: 'odd' } as unknown as Watch['phase'] });
    clock.advance(MINUTE);
    await watches.createWatch({ ...broken, outbox: [null] as unknown as Watch['outbox'] });
    await expect(handle({}, LONG)).rejects.toThrow('1 watches could not be advanced');
    expect((await now()).phase.kind).toBe('scanning');
  });
});
