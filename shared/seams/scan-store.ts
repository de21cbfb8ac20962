import type { ChunkCoverage } from '../domain/coverage.ts';
import type { Finding } from '../domain/finding.ts';
import type { Scan, ScanSummary } from '../domain/scan.ts';
import type { ScanStatus } from '../domain/scan-status.ts';
import type { TimingHints } from '../domain/timing-hints.ts';
import type { Address, ChunkNumber, EpochMillis, ScanId } from '../domain/units.ts';

/** A place in the completion tree: level 1 holds chunk numbers, level n + 1 the full nodes of level n. */
export interface TreeNode {
  readonly level: number;
  readonly index: number;
}

/** The slots of a node that are done, and those of them that ended without an answer. */
export interface NodeSlots {
  readonly done: ReadonlySet<number>;
  readonly failed: ReadonlySet<number>;
}

/** A page of a list, and where the next begins; null on the last. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly cursor: string | null;
}

/** Statuses that a scan which is over may be taken up from. */
export type Reopened = 'complete-with-gaps' | 'cancelled' | 'failed';

/**
 * Where scans, findings and coverage live. Every write is idempotent: workers die between any two calls, and a chunk
 * may be delivered twice at once.
 */
export interface ScanStore {
  /** False, and nothing changed, when the id is taken. */
  createScan(scan: Scan): Promise<boolean>;
  readScan(id: ScanId): Promise<Scan | undefined>;
  /**
   * Newest first, without those that cannot be read. `prefix` is the beginning of an id.
   *
   * @throws PortfleetError SCAN_DAMAGED where all that begin so cannot be read
   */
  listScans(page: { readonly limit: number; readonly cursor?: string; readonly prefix?: string }): Promise<Page<Scan>>;
  /**
   * Moves the scan on if its status is `from` at that moment; only one of many callers gets true.
   * A move the picture in `scan-status` does not have is refused with an error.
   */
  changeStatus(id: ScanId, from: ScanStatus, to: ScanStatus, at: EpochMillis): Promise<boolean>;
  /** Like `changeStatus` out of `finalizing`, with what the aggregator found. */
  finishScan(
    id: ScanId,
    to: 'complete' | 'complete-with-gaps',
    summary: ScanSummary,
    at: EpochMillis,
  ): Promise<boolean>;
  /** Like `changeStatus` to `failed`, with the reason. */
  failScan(id: ScanId, from: ScanStatus, reason: string, at: EpochMillis): Promise<boolean>;
  /**
   * Makes a scan that is over running again, without its summary, its failure and its end; only one of many callers gets
   * true. `by` is a text that no other caller has: whoever lost the answer asks again with the same one, and is told that
   * it was them. See `takeUpFailed` and `sumUpAgain` for the rest.
   */
  reopenScan(id: ScanId, from: Reopened, by: string): Promise<boolean>;
  /** Everything of the scan goes. */
  deleteScan(id: ScanId): Promise<void>;

  /**
   * Keyed by (address, protocol, port). What was seen first stays; what a service was identified as is added once
   * to a finding that was not identified (see `joinFindings`).
   */
  putFindings(id: ScanId, chunk: ChunkNumber, findings: readonly Finding[]): Promise<void>;
  /** Findings of one chunk: address by address, its ports in order, TCP first. */
  readFindings(id: ScanId, chunk: ChunkNumber): Promise<readonly Finding[]>;
  /** What is stored of the chunk's findings takes less room, and reads the same. For a scan that is over and is kept. */
  compactFindings(id: ScanId, chunk: ChunkNumber): Promise<void>;
  /** Replaces the record of the chunk unless the one stored leaves fewer probes pending. */
  putCoverage(id: ScanId, coverage: ChunkCoverage): Promise<void>;
  /**
   * Counts a delivery of the chunk that follows another one, and gives `idle` of its record as it is then. A write of
   * the record sets the count to what it says.
   */
  countDelivery(id: ScanId, chunk: ChunkNumber): Promise<number>;
  readCoverage(id: ScanId, chunk: ChunkNumber): Promise<ChunkCoverage | undefined>;
  /** Replaces the record of the chunk whatever is stored: for one that is probed again. */
  replaceCoverage(id: ScanId, coverage: ChunkCoverage): Promise<void>;

  /** What a worker told last of a target of the scan. A hint: a read may miss the newest. */
  readTimingHints(id: ScanId, address: Address): Promise<TimingHints | undefined>;
  /** Replaces what was told before, by whomever. */
  putTimingHints(id: ScanId, hints: TimingHints): Promise<void>;

  /** Adds one slot to a node and tells what the node holds now, in one step. A repeat changes nothing. */
  addToNode(id: ScanId, node: TreeNode, slot: number, failed: boolean): Promise<NodeSlots>;
  readNode(id: ScanId, node: TreeNode): Promise<NodeSlots>;
  /** Takes slots out of a node, however they ended: what they stand for is to be done again. */
  removeFromNode(id: ScanId, node: TreeNode, slots: readonly number[]): Promise<void>;

  close(): Promise<void>;
}
