import type { Finding } from '../shared/domain/finding.ts';
import type { Report } from '../shared/domain/report.ts';
import type { Result } from '../shared/domain/result.ts';
import type { Scan, ScanSummary } from '../shared/domain/scan.ts';
import type { ScanStatus } from '../shared/domain/scan-status.ts';
import type { EpochMillis, Millis, ScanId } from '../shared/domain/units.ts';
import type { ParsedRequest } from '../shared/request/parse-request.ts';

/** Where scans are stored and carried out: this machine, or a fleet behind an endpoint. Commands do not know which. */
export interface Deployment {
  /** What would be probed; nothing is stored and no host is probed. */
  plan(request: ParsedRequest): Promise<Result<PlannedScan>>;
  submit(request: ParsedRequest, more: SubmittedWith): Promise<Result<Scan>>;
  /** Stays with a scan that was submitted until it is over, or the signal comes. Gives the scan as it is then. */
  follow(scan: Scan, how: Following): Promise<Scan>;
  /** All there are, newest first, without what it takes long to count. */
  scanHeads(): AsyncIterable<ScanHead>;
  /** The rest of what a list shows of a scan. */
  readRow(head: ScanHead): Promise<ScanRow>;
  /** The one scan whose id begins so. */
  findScan(prefix: string): Promise<Result<Scan>>;
  /** The latest scans that are over and named this target, newest first. */
  latestScans(target: string, most: number): Promise<readonly Scan[]>;
  /** The scan as it stands, over or not. */
  readReport(scan: Scan): Promise<Report>;
  cancel(scan: Scan): Promise<Result<void>>;
  /** Everything of a scan that is not running goes. */
  delete(id: ScanId): Promise<Result<void>>;
  /** Gives the room of deleted scans back, where that is ours to do. */
  compact(): void;
  /**
   * The scan, ready to be followed on: one that is not over, or that ended with chunks that failed and is opened again.
   * SCAN_OVER where there is nothing to go on with.
   */
  takeUp(scan: Scan): Promise<Result<Scan>>;
  /** What to tell a user who leaves before the scan is over. */
  partingWords(id: ScanId): string;
  close(): Promise<void>;
}

export interface Following {
  /** `new`: submitted a moment ago. `resumed`: what is left of its last run is not known. */
  readonly start: 'new' | 'resumed';
  /** The same finding may be told more than once. */
  readonly onFound: (findings: readonly Finding[]) => void;
  /** How many probes of the scan have their verdict, and how long it will still take: null where that is not known. */
  readonly onSettled: (settled: number, left: Millis | null) => void;
  /** `always`: someone watches how long it will still take. `on-request`: someone may ask. */
  readonly looks: 'always' | 'on-request';
  readonly signal: AbortSignal;
}

/** A plan and what it may take, if every port answers at once and if none answers. */
export interface PlannedScan {
  readonly scan: Pick<Scan, 'plan' | 'names'>;
  readonly asks: Bounds;
  readonly time: { readonly atLeast: Millis; readonly ifSilent: Millis };
  /** Null where a scan costs nothing. */
  readonly dollars: Bounds | null;
  /** Who will do the work, in words. */
  readonly by: string;
}

export interface Bounds {
  readonly atLeast: number;
  readonly ifSilent: number;
}

/** What stays with a scan on this machine beside its plan. */
export type SubmittedWith = Pick<Scan, 'label' | 'command'>;

/** `interrupted`: not over, and no process of this machine is at it. */
export type ShownStatus = ScanStatus | 'interrupted';

/** What is known of a scan by its record alone. */
export interface ScanHead {
  readonly id: ScanId;
  readonly label: string | null;
  readonly submittedAt: EpochMillis;
  readonly status: ShownStatus;
  /** As many as a list shows; more say that there are others. */
  readonly targets: readonly string[];
  readonly moreTargets: number;
  readonly ports: string;
}

/** A line of `portfleet list`. */
export interface ScanRow extends ScanHead {
  readonly planned: number;
  readonly done: number;
  /** Null where it would take too long to count them. */
  readonly open: number | null;
}

/** Open ports by the counts of a summary; `open|filtered` is not one. */
export const openIn = ({ settled }: ScanSummary): number =>
  Object.entries(settled).reduce((sum, [verdict, count]) => (verdict.startsWith('open/') ? sum + count : sum), 0);
