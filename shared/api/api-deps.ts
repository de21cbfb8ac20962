import type { FleetPrices } from '../domain/cost.ts';
import type { Scan, Submitter } from '../domain/scan.ts';
import type { Log } from '../seams/log.ts';
import type { ScanStore } from '../seams/scan-store.ts';
import type { AcceptDeps } from '../usecases/accept-scan.ts';
import type { ManageDeps } from '../usecases/manage-watches.ts';
import type { CostDeps } from '../usecases/read-cost.ts';
import type { ResumeDeps } from '../usecases/resume-scan.ts';
import type { WatchPlace } from '../watch/receiver.ts';

/** Watches, and whom those of this place can tell. */
export interface WatchingDeps extends ManageDeps {
  readonly place: WatchPlace;
}

/** All that the API needs of the deployment it stands in: a Lambda function, or `portfleet serve`. */
export interface ApiDeps extends AcceptDeps, CostDeps, Pick<ResumeDeps, 'sendAgain' | 'wake'> {
  readonly store: ScanStore;
  /** Chunks that workers hold at this moment; null where no worker has the scan, or it cannot be told. */
  readonly chunksHeld: (scan: Scan) => Promise<number | null>;
  /**
   * Reads for one who goes through all chunks of a scan, made for each request; left out, the store's own are as good.
   */
  readonly wholeReads?: () => Pick<ScanStore, 'readCoverage' | 'readFindings'>;
  /**
   * Who asks, by what the server says of the request: what is passed to the app as its environment. From a Lambda
   * function that is the event; from node:http the socket.
   */
  readonly submitterOf: (environment: unknown) => Submitter;
  /** What the fleet costs by the list; null where it costs nothing. */
  readonly prices: FleetPrices | null;
  /** Where an answer may not be larger (6 MB for a Lambda function); null where it streams. */
  readonly mostAnswerBytes: number | null;
  /** Null where nothing runs watches. */
  readonly watching: WatchingDeps | null;
  readonly version: string;
  readonly log: Log;
}

/** The store, for going through all chunks of a scan. */
export const wholeStore = ({ store, wholeReads }: Pick<ApiDeps, 'store' | 'wholeReads'>): ScanStore => ({
  ...store,
  ...wholeReads?.(),
});
