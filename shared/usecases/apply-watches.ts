import { err, ok, type Result } from '../domain/result.ts';
import type { Watch, WatchSpec } from '../domain/watch.ts';
import { addWatch, editWatch, type ManageDeps } from './manage-watches.ts';

/** What a file of watches and the stored ones differ in, by name, in the order of the names. */
export interface WatchPlan {
  readonly added: readonly WatchSpec[];
  readonly changed: readonly { readonly watch: Watch; readonly spec: WatchSpec }[];
  readonly removed: readonly Watch[];
  readonly unchanged: number;
}

/** What has to be done so that exactly the watches of the file are there. */
export async function planWatches(
  specs: readonly WatchSpec[],
  { watches }: Pick<ManageDeps, 'watches'>,
): Promise<WatchPlan> {
  const wanted = new Map(specs.map((spec) => [spec.name, spec]));
  const [changed, removed]: [{ watch: Watch; spec: WatchSpec }[], Watch[]] = [[], []];
  let unchanged = 0;
  for await (const watch of watches.listWatches()) {
    const spec = wanted.get(watch.spec.name);
    wanted.delete(watch.spec.name);
    if (!spec) removed.push(watch);
    else if (JSON.stringify(spec) === JSON.stringify(watch.spec)) unchanged++;
    else changed.push({ watch, spec });
  }
  return { added: [...wanted.values()], changed, removed, unchanged };
}

/** Carries the plan out. Each step leaves something that applying the file again completes. */
export async function applyWatches(plan: WatchPlan, owner: string, deps: ManageDeps): Promise<Result<void>> {
  for (const spec of plan.added) {
    const added = await addWatch(spec, owner, deps);
    if (!added.ok) return err(...added.errors);
  }
  for (const { watch, spec } of plan.changed) {
    const edited = await editWatch(watch, spec, deps);
    if (!edited.ok) return err(...edited.errors);
  }
  for (const { id } of plan.removed) await deps.watches.deleteWatch(id);
  return ok(undefined);
}
