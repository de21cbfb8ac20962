import type { Family } from './addresses/address-line.ts';
import type { Detection } from './detection.ts';
import type { PortSet } from './port-set.ts';
import type { Protocol } from './probe.ts';
import type { AddressRange } from './scan.ts';
import type { EpochMillis, Millis, ScanId, WatchId } from './units.ts';
import type { ChangeTally } from './watch-alert.ts';
import type { WatchMessage } from './watch-message.ts';

/** What a watch scans at every run: a request for a scan, in the user's words. Nothing in it is resolved. */
export interface WatchRequest {
  readonly targets: readonly string[];
  readonly exclude?: readonly string[];
  readonly ports?: string;
  readonly topPorts?: string | number;
  readonly excludePorts?: string;
  readonly protocols?: readonly Protocol[];
  readonly timing?: string | number;
  readonly timeout?: string | number;
  readonly retries?: string | number;
  readonly rate?: string | number;
  readonly family?: Family;
  readonly detect?: Detection;
}

/** When a watch runs. `zone` is an IANA name; an interval needs none, because it does not look at a clock on a wall. */
export type WatchSchedule =
  | { readonly kind: 'every'; readonly interval: Millis }
  | { readonly kind: 'cron'; readonly pattern: string; readonly zone: string };

/** A part of each day in which no alert is sent; it may pass midnight. Minutes since midnight. */
export interface QuietHours {
  readonly from: number;
  readonly to: number;
  readonly zone: string;
}

/** What should be open. `text` is a list of ports, or a document as `--expect` reads it from a file. */
export interface WatchExpectation {
  readonly kind: 'ports' | 'document';
  readonly text: string;
  /** `exactly`: what is expected and not open is told, too. */
  readonly strictness: 'at-most' | 'exactly';
}

/** Everything that the owner of a watch decides. */
export interface WatchSpec {
  readonly name: string;
  readonly request: WatchRequest;
  readonly schedule: WatchSchedule;
  readonly expect: WatchExpectation | null;
  readonly quietHours: QuietHours | null;
  /** Whom to tell, as `parseReceiver` reads it: "exec:./script", "https://…", "slack:https://…". */
  readonly notify: readonly string[];
}

/** The addresses, names and ports that a watch has seen whole at least once: what opens there is a change. */
export interface KnownGround {
  readonly addresses: readonly AddressRange[];
  readonly names: readonly string[];
  readonly ports: PortSet;
}

/** Where a watch is in its life; see `advance-watch` for the picture. */
export type WatchPhase =
  | { readonly kind: 'idle' }
  | { readonly kind: 'scanning'; readonly run: CurrentRun; readonly scan: ScanId }
  /** The next round is due at `until`. */
  | { readonly kind: 'between-rounds'; readonly run: CurrentRun; readonly until: EpochMillis };

/** A run of a watch: one scan of everything, and further rounds of what seems to have changed. */
export interface CurrentRun {
  /** Runs of a watch are counted from 1. */
  readonly number: number;
  readonly startedAt: EpochMillis;
  /** How long after its time it began, because the run before took so long. */
  readonly delayed: Millis;
  /** 0 is the scan of everything. */
  readonly round: number;
  /** What is probed in this round, where it is not everything. */
  readonly narrowed: RoundScope | null;
  /** What was confirmed so far, to be told at the end of the run. */
  readonly tally: ChangeTally;
  /** The scan of everything, once it is there. */
  readonly fullScan: ScanId | null;
  /** This run sees some of its ground for the first time. */
  readonly learns: boolean;
}

/** The hosts and ports that a further round probes again. */
export interface RoundScope {
  readonly targets: readonly string[];
  readonly ports: string;
}

/** One line of what a watch did; kept for the last runs. */
export interface RunRecord {
  readonly number: number;
  readonly startedAt: EpochMillis;
  readonly endedAt: EpochMillis;
  readonly delayed: Millis;
  readonly rounds: number;
  /** The stored scan of everything; null where it was not kept, because nothing had changed since the one before. */
  readonly scan: ScanId | null;
  readonly changes: number;
  /** Why there was no scan; null where there was one. */
  readonly failure: string | null;
}

/** Failures of whole runs in a row; they are told once there were two. */
export interface FailureStreak {
  readonly count: number;
  readonly detail: string;
  readonly since: EpochMillis;
  readonly told: boolean;
}

export interface Watch {
  readonly id: WatchId;
  /** Grows with every write; a write names the version it was made from. */
  readonly version: number;
  readonly spec: WatchSpec;
  readonly status: 'active' | 'paused';
  /** Whoever added it, as the deployment knows its callers; scans are submitted in that name. */
  readonly owner: string;
  readonly createdAt: EpochMillis;
  /** What webhooks are signed with. */
  readonly secret: string;
  readonly phase: WatchPhase;
  /** The next run of the schedule; null while the watch is paused. */
  readonly nextRunAt: EpochMillis | null;
  /** Rounds judged so far: names every change of a host's record. */
  readonly step: number;
  readonly ground: KnownGround | null;
  readonly failures: FailureStreak | null;
  /** The last runs, newest first. */
  readonly runs: readonly RunRecord[];
  /** Scans that are not needed any more, to be deleted. */
  readonly leftovers: readonly ScanId[];
  /** Messages that have not been handed to the deliveries yet. */
  readonly outbox: readonly WatchMessage[];
}
