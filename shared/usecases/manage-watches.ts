import { errorValue, PortfleetError } from '../domain/errors.ts';
import { quoted } from '../domain/excerpt.ts';
import { err, ok, type Result } from '../domain/result.ts';
import { type WatchId, watchId } from '../domain/units.ts';
import type { Watch, WatchSpec } from '../domain/watch.ts';
import type { WatchMessage } from '../domain/watch-message.ts';
import type { Clock } from '../seams/clock.ts';
import type { WatchStore } from '../seams/watch-store.ts';
import { deliveriesOf } from '../watch/deliveries-of.ts';
import { acknowledge, openAlerts } from '../watch/open-alerts.ts';
import { nextRunAfter } from '../watch/schedule.ts';

export interface ManageDeps {
  readonly watches: WatchStore;
  readonly clock: Pick<Clock, 'wall'>;
  readonly newWatchId: () => WatchId;
  /** 32 random bytes, in hexadecimal. */
  readonly newSecret: () => string;
  /** As for `advanceWatch`. */
  readonly alwaysTold?: readonly string[];
}

/** Stores a new watch. Its first run is due at once, so that it knows what is so now. */
export async function addWatch(spec: WatchSpec, owner: string, deps: ManageDeps): Promise<Result<Watch>> {
  const now = deps.clock.wall();
  const watch: Watch = {
    id: deps.newWatchId(),
    version: 1,
    spec,
    status: 'active',
    owner,
    createdAt: now,
    secret: deps.newSecret(),
    phase: { kind: 'idle' },
    nextRunAt: now,
    step: 0,
    ground: null,
    failures: null,
    runs: [],
    leftovers: [],
    outbox: [],
  };
  if (await deps.watches.createWatch(watch)) return ok(watch);
  return err(errorValue('WATCH_NAME_TAKEN', `There is a watch "${spec.name}" already.`));
}

/** The watch that the text names: its name, or its whole id. */
export async function findWatch(text: string, { watches }: Pick<ManageDeps, 'watches'>): Promise<Result<Watch>> {
  const id = watchId(text);
  const known = id && (await watches.readWatch(id));
  if (known) return ok(known);
  for await (const watch of watches.listWatches()) if (watch.spec.name === text) return ok(watch);
  return err(errorValue('WATCH_NOT_FOUND', `There is no watch ${quoted(text)}.`));
}

/** Removes the watch, with all that it knew. One that cannot be read is removed by its id. */
export async function removeWatch(text: string, deps: Pick<ManageDeps, 'watches'>): Promise<Result<void>> {
  const id = watchId(text);
  const found = await findWatch(text, deps).catch((error: unknown) => {
    if (id && error instanceof PortfleetError && error.errors.some(({ code }) => code === 'WATCH_DAMAGED'))
      return ok({ id });
    throw error;
  });
  return found.ok ? ok(await deps.watches.deleteWatch(found.value.id)) : found;
}

/** Changes the watch as it stands; all over again where another process has written it meanwhile. */
async function changeWatch(
  id: WatchId,
  { watches }: Pick<ManageDeps, 'watches'>,
  change: (watch: Watch) => Watch,
): Promise<Result<Watch>> {
  for (let watch = await watches.readWatch(id); watch; watch = await watches.readWatch(id)) {
    const next = change(watch);
    if (await watches.replaceWatch(next)) return ok({ ...next, version: watch.version + 1 });
  }
  return err(errorValue('WATCH_NOT_FOUND', `There is no watch ${id} any more.`));
}

/** The watch with another specification. Ground that is new is learnt in its next run, and is no change. */
export const editWatch = async (watch: Watch, spec: WatchSpec, deps: ManageDeps): Promise<Result<Watch>> => {
  if (spec.name !== watch.spec.name) {
    const hint = 'Leave the name as it is, or add a new watch and remove this one.';
    return err(errorValue('WATCH_NAME_TAKEN', 'The name of a watch cannot be changed.', { hint }));
  }
  return changeWatch(watch.id, deps, (now) => {
    const isRescheduled = JSON.stringify(now.spec.schedule) !== JSON.stringify(spec.schedule);
    const nextRunAt =
      now.status === 'paused' || !isRescheduled
        ? now.nextRunAt
        : nextRunAfter(spec.schedule, now.id, deps.clock.wall());
    return { ...now, spec, nextRunAt };
  });
};

/** No further run begins; one that is under way comes to its end. */
export const pauseWatch = ({ id }: Watch, deps: ManageDeps): Promise<Result<Watch>> =>
  changeWatch(id, deps, (watch) => ({ ...watch, status: 'paused', nextRunAt: null }));

export const resumeWatch = ({ id }: Watch, deps: ManageDeps): Promise<Result<Watch>> =>
  changeWatch(id, deps, (watch) =>
    watch.status === 'active'
      ? watch
      : { ...watch, status: 'active', nextRunAt: nextRunAfter(watch.spec.schedule, watch.id, deps.clock.wall()) },
  );

/** Its next run is due now, paused or not. */
export const runWatchNow = ({ id }: Watch, deps: ManageDeps): Promise<Result<Watch>> =>
  changeWatch(id, deps, (watch) => ({ ...watch, nextRunAt: deps.clock.wall() }));

/** What was told becomes what is right, of the alerts named; gives the ids of those that this settled. */
export async function acknowledgeAlerts(
  { id }: Watch,
  names: readonly string[],
  { watches }: Pick<ManageDeps, 'watches'>,
): Promise<Result<readonly string[]>> {
  const settled: string[] = [];
  for await (const listed of watches.listHosts(id)) {
    for (let record = listed; ; ) {
      const next = acknowledge(id, record, names);
      if (next === record) break;
      if (await watches.replaceHost(id, next)) {
        const left = new Set(openAlerts(id, next).map((alert) => alert.id));
        settled.push(...openAlerts(id, record).flatMap((alert) => (left.has(alert.id) ? [] : alert.id)));
        break;
      }
      record = (await watches.readHost(id, listed.host)) ?? next;
    }
  }
  if (settled.length > 0 || names.includes('all')) return ok(settled);
  return err(
    errorValue('ALERT_NOT_FOUND', `The watch has no open alert ${names.map((name) => `"${name}"`).join(', ')}.`),
  );
}

/** A message to every receiver of the watch that says that it is a test; gives the ids of the deliveries. */
export async function sendTest(watch: Watch, deps: ManageDeps): Promise<readonly string[]> {
  const at = deps.clock.wall();
  const message: WatchMessage = {
    id: `${watch.id}-test-${at}`,
    kind: 'test',
    watch: { id: watch.id, name: watch.spec.name },
    run: watch.runs[0]?.number ?? 0,
    at,
    ...{ scan: null, changes: [], count: 0, failure: null },
  };
  const deliveries = deliveriesOf(watch, message, at, deps.alwaysTold);
  for (const delivery of deliveries) await deps.watches.createDelivery(delivery);
  return deliveries.map(({ id }) => id);
}
