import type { RawWatch } from './read-watch.ts';

/** What a file of watches and those that are there differ in, by name, in the order of the names. */
export interface WatchPlan {
  readonly added: readonly RawWatch[];
  readonly changed: readonly RawWatch[];
  /** The names of those that the file does not have. */
  readonly removed: readonly string[];
  readonly unchanged: number;
}

/** What has to be done so that exactly the watches of the file are there. Both are in the words of `rawWatchOf`. */
export function planWatches(wanted: readonly RawWatch[], present: readonly RawWatch[]): WatchPlan {
  const there = new Map(present.map((watch) => [watch.name, asText(watch)]));
  const byName = [...wanted].sort((a, b) => ((a.name ?? '') < (b.name ?? '') ? -1 : 1));
  const names = new Set(wanted.map(({ name }) => name));
  const known = byName.filter(({ name }) => there.has(name));
  const changed = known.filter((watch) => there.get(watch.name) !== asText(watch));
  return {
    added: byName.filter(({ name }) => !there.has(name)),
    changed,
    removed: present.flatMap(({ name = '' }) => (names.has(name) ? [] : name)),
    unchanged: known.length - changed.length,
  };
}

const asText = (watch: RawWatch): string => JSON.stringify(Object.entries(watch).sort(([a], [b]) => (a < b ? -1 : 1)));
