import type { LocalNode } from '../../local/local-node.ts';
import { manageDeps } from '../../local/watches/manage-deps.ts';
import {
  type WatchLine,
  type WatchResource,
  watchLine,
  watchResource,
} from '../../shared/api/resources/watch-resource.ts';
import { ok, type Result } from '../../shared/domain/result.ts';
import type { Watch } from '../../shared/domain/watch.ts';
import { systemClock } from '../../shared/net/system-clock.ts';
import {
  acknowledgeAlerts,
  addWatch,
  editWatch,
  findWatch,
  type ManageDeps,
  pauseWatch,
  removeWatch,
  resumeWatch,
  runWatchNow,
  sendTest,
} from '../../shared/usecases/manage-watches.ts';
import { viewWatch } from '../../shared/usecases/view-watch.ts';
import { type RawWatch, type ReadWatchDeps, readWatch } from '../../shared/watch/read-watch.ts';

/** A watch that was added, and what its webhooks are signed with. */
export interface AddedWatch {
  readonly watch: WatchResource;
  readonly signingSecret: string;
}

/** Where watches are kept. A watch is named by its name or its id. */
export interface WatchDesk {
  list(): Promise<readonly WatchLine[]>;
  show(name: string): Promise<Result<WatchResource>>;
  add(raw: RawWatch): Promise<Result<AddedWatch>>;
  edit(name: string, raw: RawWatch): Promise<Result<WatchResource>>;
  pause(name: string): Promise<Result<WatchResource>>;
  resume(name: string): Promise<Result<WatchResource>>;
  run(name: string): Promise<Result<WatchResource>>;
  remove(name: string): Promise<Result<void>>;
  /** The ids of the deliveries. */
  test(name: string): Promise<Result<readonly string[]>>;
  /** The alerts that this settled. */
  ack(name: string, alerts: readonly string[]): Promise<Result<readonly string[]>>;
}

/** Watches of this machine are of its user. */
const OWNER = 'local';

/** The watches in the store of this user. */
export function localDesk(node: LocalNode, reading: ReadWatchDeps): WatchDesk {
  const deps = manageDeps(node, systemClock);
  const shown = async (watch: Watch): Promise<WatchResource> => watchResource(await viewWatch(watch, deps.watches));
  const withWatch = async <Value>(
    name: string,
    work: (watch: Watch) => Promise<Result<Value>>,
  ): Promise<Result<Value>> => {
    const found = await findWatch(name, deps);
    return found.ok ? work(found.value) : found;
  };
  const changed = (name: string, change: (watch: Watch, deps: ManageDeps) => Promise<Result<Watch>>) =>
    withWatch(name, async (watch) => {
      const after = await change(watch, deps);
      return after.ok ? ok(await shown(after.value)) : after;
    });
  return {
    async list() {
      const lines: WatchLine[] = [];
      for await (const watch of deps.watches.listWatches()) lines.push(watchLine(watch));
      return lines;
    },
    show: (name) => withWatch(name, async (watch) => ok(await shown(watch))),
    async add(raw) {
      const spec = await readWatch(raw, reading);
      const added = spec.ok ? await addWatch(spec.value, OWNER, deps) : spec;
      return added.ok ? ok({ watch: await shown(added.value), signingSecret: added.value.secret }) : added;
    },
    async edit(name, raw) {
      const spec = await readWatch(raw, reading);
      return spec.ok ? changed(name, (watch) => editWatch(watch, spec.value, deps)) : spec;
    },
    pause: (name) => changed(name, pauseWatch),
    resume: (name) => changed(name, resumeWatch),
    run: (name) => changed(name, runWatchNow),
    remove: (name) => removeWatch(name, deps),
    test: (name) => withWatch(name, async (watch) => ok(await sendTest(watch, deps))),
    ack: (name, alerts) => withWatch(name, (watch) => acknowledgeAlerts(watch, alerts, deps)),
  };
}
