import type { Scan } from '../shared/domain/scan.ts';
import type { Conditions } from './chunk-work.ts';
import type { Sent } from './sending.ts';
import type { Hold } from './sweep-time.ts';

/** A scan as it is given to the fleet. */
export interface FleetScan {
  readonly scan: Scan;
  readonly conditions: Conditions;
  /** Strongly consistent read units of the scan's own item, which every delivery reads. */
  readonly scanUnits: number;
}

/** What the scan waits for, at each moment until its last chunk has ended. */
export type WaitCause = 'sending' | 'ramp' | 'workers' | 'lanes' | 'last chunks' | 'visibility';

/** What a scan did to the fleet, from its request to its last chunk. */
export interface FleetRun {
  readonly chunks: number;
  readonly probes: number;
  readonly attempts: number;
  readonly open: number;
  /** Seconds until the last chunk had ended. */
  readonly seconds: number;
  /** Seconds that a message waited on the queue, at the most. */
  readonly oldest: number;
  /** How long the first chunk of another scan would have waited for a worker, at the worst moment. */
  readonly longestWait: number;
  readonly waits: Readonly<Record<WaitCause, number>>;
  /** Seconds of probing, by what held them. */
  readonly held: Readonly<Record<Hold, number>>;
  readonly deliveries: number;
  readonly endings: Readonly<Record<DeliveryEnding, number>>;
  readonly coldStarts: number;
  /** Seconds that workers are paid for. */
  readonly workerSeconds: number;
  readonly mostWorkers: number;
  readonly writeUnits: number;
  readonly readUnits: number;
  readonly sent: Sent;
  readonly peaks: Peaks;
}

/** `crash`: the function died. `repeat`: a message that came although its chunk had ended. */
export type DeliveryEnding = 'done' | 'put-back' | 'crash' | 'repeat' | 'given-up';

/** The most in any one second. */
export interface Peaks {
  readonly attempts: number;
  readonly starts: number;
  readonly sends: number;
  /** Write units: of all, of the busiest of a new table's partitions, of the busiest keys. */
  readonly writes: number;
  readonly partitionWrites: number;
  readonly chunkKeyWrites: number;
  readonly nodeWrites: number;
}
