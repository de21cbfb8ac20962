import { type EpochMillis, epochMillis } from '../domain/units.ts';
import type { Watch } from '../domain/watch.ts';

/** When the watch is due to be looked at; null where nothing will happen by itself. Stores keep an index of it. */
export function attentionAt(watch: Watch): EpochMillis | null {
  if (watch.outbox.length + watch.leftovers.length > 0) return epochMillis(0);
  switch (watch.phase.kind) {
    case 'idle':
      return watch.nextRunAt;
    case 'scanning':
      // Whether its scan is over has to be looked at on every look.
      return epochMillis(0);
    case 'between-rounds':
      return watch.phase.until;
    default:
      return watch.phase satisfies never;
  }
}
