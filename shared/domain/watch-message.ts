import type { EpochMillis, ScanId, WatchId } from './units.ts';
import type { WatchChange } from './watch-alert.ts';

/** What is told of one run of a watch. */
export interface WatchMessage {
  /** The same however often it is sent: a receiver that knows it has the message already. */
  readonly id: string;
  readonly kind: 'changes' | 'failure' | 'recovered' | 'test';
  readonly watch: { readonly id: WatchId; readonly name: string };
  readonly run: number;
  readonly at: EpochMillis;
  readonly scan: ScanId | null;
  /** Worst first; `count` says how many there were where these are not all. */
  readonly changes: readonly WatchChange[];
  readonly count: number;
  /** Why the watch could not look; null for a message about changes. */
  readonly failure: string | null;
}

/** A message on its way to one receiver. */
export interface AlertDelivery {
  readonly id: string;
  readonly version: number;
  readonly watch: WatchId;
  readonly receiver: string;
  readonly message: WatchMessage;
  readonly state: 'waiting' | 'delivered' | 'given-up';
  readonly tries: number;
  readonly createdAt: EpochMillis;
  /** When it is tried again; of no meaning once it is over. */
  readonly nextTryAt: EpochMillis;
  /** What the receiver said last, in short. */
  readonly answer: string | null;
}
