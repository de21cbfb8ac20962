import type { EpochMillis, ScanId } from '../domain/units.ts';

/** What one caller may have; null is no limit. */
export interface Quota {
  readonly probesPerDay: number | null;
  /** Seconds of workers; left out where nothing is paid for. */
  readonly secondsPerDay?: number | null;
  readonly scansAtOnce: number | null;
}

/** A scan that a caller wants to start, as far as its quota goes. */
export interface Reservation {
  readonly caller: string;
  readonly scan: ScanId;
  readonly probes: number;
  /** Seconds of workers that it may take; left out where nothing is paid for. */
  readonly seconds?: number;
  /** Both count for the UTC day of this moment. */
  readonly at: EpochMillis;
  readonly quota: Quota;
}

/** One of the scans that a caller may have at once, and since when. */
export interface ScanPlace {
  readonly scan: ScanId;
  readonly since: EpochMillis;
}

/** `day-spent` and `places-taken`: nothing was reserved. */
export type Grant =
  | { readonly kind: 'granted' }
  | { readonly kind: 'day-spent'; readonly of?: 'seconds'; readonly used: number }
  | { readonly kind: 'places-taken'; readonly held: readonly ScanPlace[] };

/** What an idempotency key was first used for: the scan, and a digest of the request. */
export interface KeyUse {
  readonly scan: ScanId;
  readonly fingerprint: string;
}

/** The key of a caller, which no other caller's key can meet. */
export interface CallerKey {
  readonly caller: string;
  readonly key: string;
}

/** What is remembered of each caller between requests. Every write is idempotent. */
export interface CallerStore {
  /** What the key was used for within the last `KEY_LIFETIME` before `at`. */
  readKey(of: CallerKey, at: EpochMillis): Promise<KeyUse | undefined>;
  /** Binds the key to that use, unless it is bound already. Gives what it is bound to now; one of many callers wins. */
  claimKey(of: CallerKey, use: KeyUse, at: EpochMillis): Promise<KeyUse>;
  /**
   * Takes the probes, the seconds and a place, all or nothing, in one step. A scan that has its place already is granted again,
   * and counted once. Where both are wanting, the answer is `day-spent`.
   */
  reserve(reservation: Reservation): Promise<Grant>;
  /** Frees the place of a scan; its probes stay counted. Of a scan without one, nothing happens. */
  release(caller: string, scan: ScanId): Promise<void>;
}
