import { monotonicFactory } from 'ulid';
import { epochMillis, millis, type WatchId } from '../../shared/domain/units.ts';
import type { Watch, WatchSpec } from '../../shared/domain/watch.ts';
import { stableFraction } from '../../shared/watch/stable-id.ts';

const nextUlid = monotonicFactory();

/** An id nobody else has; each sorts after the one before. */
export const freshWatchId = (): WatchId => nextUlid() as WatchId;

/**
 * The id decides when in the hour a watch runs: in the middle of it, so that a run which begins at the full hour, and is
 * confirmed some minutes later, is over before the next is due.
 */
function idOfMidHour(): WatchId {
  for (;;) {
    const id = freshWatchId();
    const within = stableFraction(id);
    if (within > 1 / 4 && within < 3 / 4) return id;
  }
}

/** A watch as it is added: every hour, and due at once. */
export function sampleWatch({
  spec,
  ...more
}: Partial<Omit<Watch, 'spec'>> & { readonly spec?: Partial<WatchSpec> } = {}): Watch {
  const id = more.id ?? idOfMidHour();
  return {
    id,
    version: 1,
    spec: {
      name: `watch ${id}`,
      request: { targets: ['127.0.0.1'], ports: '1-4' },
      schedule: { kind: 'every', interval: millis(3_600_000) },
      expect: null,
      quietHours: null,
      notify: ['stdout'],
      ...spec,
    },
    status: 'active',
    owner: 'local',
    createdAt: epochMillis(1_795_348_800_000),
    secret: 'not a secret',
    phase: { kind: 'idle' },
    nextRunAt: epochMillis(1_795_348_800_000),
    step: 0,
    ground: null,
    failures: null,
    runs: [],
    leftovers: [],
    outbox: [],
    ...more,
  };
}
