import type { ChunkMessage } from '../shared/domain/scan.ts';
import type { Clock } from '../shared/seams/clock.ts';
import type { Log } from '../shared/seams/log.ts';
import type { UsageStore } from '../shared/seams/usage-store.ts';

export interface MeterDeps {
  readonly clock: Pick<Clock, 'now'>;
  /** What deliveries have used. */
  readonly usage: Pick<UsageStore, 'add'>;
  /** Write units of the table that this process has used. */
  readonly writeUnits: () => number;
  /** How long this process took to start, which is paid for too. */
  readonly startMillis: number;
  readonly log: Log;
}

/** Measures one delivery. */
interface DeliveryMeter {
  /** Adds what the delivery has used, and so many chunks that end in it, to what its scan has; once. */
  add(ended: number): Promise<void>;
}

/** The write that adds it up, and the one that says that the chunk has ended. */
const UNITS_TO_COME = 2;

/**
 * Adds up what deliveries use. A delivery that dies is not in it: of what it has used, at most half a minute, nothing is
 * left to tell. What cannot be added is left out, rather than the work done again.
 */
export function makeMeter({
  clock,
  usage,
  writeUnits,
  startMillis,
  log,
}: MeterDeps): (message: ChunkMessage) => DeliveryMeter {
  let toStart = startMillis;
  return ({ scanId, chunk }) => {
    const [began, unitsBefore, start] = [clock.now(), writeUnits(), toStart];
    toStart = 0;
    let isAdded = false;
    return {
      async add(ended) {
        if (isAdded) return;
        isAdded = true;
        const used = {
          deliveries: 1,
          ended,
          millis: start + clock.now() - began,
          writeUnits: writeUnits() - unitsBefore + UNITS_TO_COME,
        };
        try {
          await usage.add(scanId, chunk, used);
        } catch {
          log.warn('usage-lost', { scan: scanId, chunk });
        }
      },
    };
  };
}
