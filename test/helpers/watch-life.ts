import type { Scan } from '../../shared/domain/scan.ts';
import { type EpochMillis, epochMillis, millis } from '../../shared/domain/units.ts';
import type { Watch, WatchSpec } from '../../shared/domain/watch.ts';
import type { HostRecord } from '../../shared/domain/watch-alert.ts';
import type { WatchMessage } from '../../shared/domain/watch-message.ts';
import type { WatchStore } from '../../shared/seams/watch-store.ts';
import { advanceWatch } from '../../shared/usecases/advance-watch.ts';
import type { ManageDeps } from '../../shared/usecases/manage-watches.ts';
import { attentionAt } from '../../shared/watch/attention.ts';
import { messageText } from '../../shared/watch/message-text.ts';
import { type ManualClock, manualClock } from './manual-clock.ts';
import { makeMemoryWatchStore } from './memory-watch-store.ts';
import { freshScanId } from './sample-scan.ts';
import { freshWatchId, sampleWatch } from './sample-watch.ts';
import { type AnswerPort, makeWatchedWorld, type PortAnswer, type WatchedWorld } from './watched-world.ts';

/** A watch over a made-up network whose ports a test opens and shuts, on a clock that runs as fast as it can. */
export interface WatchLife {
  readonly clock: ManualClock;
  readonly store: WatchStore;
  readonly world: WatchedWorld;
  readonly manage: ManageDeps;
  /** What the ports answer from now on; those that are not named are closed. */
  answer(ports: Readonly<Record<string, PortAnswer>> | AnswerPort): void;
  /** How the next scans end, one after the other; all after them come to their end. */
  endAs(...statuses: readonly Scan['status'][]): void;
  /** Lives on until the watch has come to the end of so many further runs. */
  runs(count: number): Promise<void>;
  watch(): Promise<Watch>;
  hosts(): Promise<readonly HostRecord[]>;
  messages(): Promise<readonly WatchMessage[]>;
  /** Every line that was told, in order, without times and ids. */
  told(): Promise<readonly string[]>;
}

export const OPEN: PortAnswer = { open: {} };
export const SILENT: PortAnswer = { verdict: 'filtered/no-response' };
export const UNPROBED: PortAnswer = { verdict: 'unprobed/local-fault' };
const CLOSED: PortAnswer = { verdict: 'closed/conn-refused' };

export async function liveWatch(
  spec: Partial<WatchSpec>,
  start: EpochMillis = epochMillis(1_795_348_800_000),
): Promise<WatchLife> {
  const clock = manualClock(start);
  let answers: AnswerPort = () => CLOSED;
  const ends: Scan['status'][] = [];
  const world = makeWatchedWorld(
    clock,
    (address, port) => answers(address, port),
    () => ends.shift() ?? 'complete',
  );
  const store = makeMemoryWatchStore();
  const { id } = sampleWatch();
  await store.createWatch(sampleWatch({ id, spec, createdAt: start, nextRunAt: start }));
  const watch = async (): Promise<Watch> => {
    const now = await store.readWatch(id);
    if (!now) throw new Error('the watch is gone');
    return now;
  };
  const messages = async () => [...(await store.listDeliveries(id, 1_000))].reverse().map(({ message }) => message);
  return {
    ...{ clock, store, world, watch, messages },
    manage: { watches: store, clock, newWatchId: freshWatchId, newSecret: () => 'fresh' },
    answer: (ports) => {
      answers =
        typeof ports === 'function'
          ? ports
          : (address, port) => ports[`${address} ${port}`] ?? ports[`${port}`] ?? CLOSED;
    },
    endAs: (...statuses) => {
      ends.push(...statuses);
    },
    async runs(count) {
      const until = ((await watch()).runs[0]?.number ?? 0) + count;
      for (let turns = 0; turns < 1_000; turns++) {
        const mayBegin = ({ runs }: Watch) => (runs[0]?.number ?? 0) < until;
        await advanceWatch(id, { watches: store, scans: world, clock, newId: freshScanId, mayBegin });
        const now = await watch();
        if ((now.runs[0]?.number ?? 0) >= until && now.phase.kind === 'idle') return;
        const at = attentionAt(now) ?? 0;
        clock.advance(millis(at > clock.wall() ? at - clock.wall() : 5_000));
      }
      throw new Error('the watch does not come to the end of its runs');
    },
    hosts: async () => {
      const records: HostRecord[] = [];
      for await (const record of store.listHosts(id)) records.push(record);
      return records;
    },
    told: async () =>
      (await messages()).flatMap((message) =>
        messageText(message)
          .split('\n')
          .filter((line) => /^[!+\-~=] /.test(line))
          .map((line) => line.replace(/, seen .*$/, '')),
      ),
  };
}
