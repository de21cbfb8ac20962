import type { AccountAddress } from './account.ts';
import type { Anomaly } from './anomaly.ts';
import type { CostPlan, ScanCost } from './cost.ts';
import type { ProbeTally } from './coverage.ts';
import type { Detection } from './detection.ts';
import type { Discovery } from './discovery.ts';
import type { ImportFacts } from './imported.ts';
import type { PortSet } from './port-set.ts';
import type { ProxyServer } from './proxy.ts';
import type { ReverseNames } from './reverse-names.ts';
import type { ScanStatus } from './scan-status.ts';
import type { Timing } from './timing-template.ts';
import type { Address, ChunkNumber, EpochMillis, Millis, ScanId, Seed } from './units.ts';
import type { Settled, Unprobed } from './verdict.ts';

/** Both ends belong to the range, and are of one family. */
export interface AddressRange {
  readonly first: Address;
  readonly last: Address;
}

/** A host name of the request and the addresses it had when the scan was submitted. */
export interface ResolvedName {
  readonly name: string;
  readonly addresses: readonly Address[];
}

/**
 * All that decides which probes a scan consists of and in which order; written once, never changed.
 * The probe space is `addresses × ports`; chunk numbers are arithmetic over it (see `plan/split-chunks`).
 */
export interface Plan {
  /** Sorted (IPv4 first), disjoint. */
  readonly addresses: readonly AddressRange[];
  readonly ports: PortSet;
  readonly seed: Seed;
  readonly timing: Timing;
  /** Sockets a worker may use; null leaves it to what its process may open. */
  readonly socketsPerWorker: number | null;
  /** What is found out about open ports beyond that they are open. */
  readonly detect: Detection;
  /** How hosts are looked for first; absent where every port of every address is probed. */
  readonly discovery?: Discovery;
  /** The ports of each worker's share from the lowest to the highest; absent where they are shuffled. */
  readonly order?: 'ascending';
  /** Of a host that accepts on everything only a sample of its ports is probed. Absent: all of them are. */
  readonly skipAllOpen?: true;
  /** Of which addresses names are looked up when their ports have been probed; absent where none are. */
  readonly reverseNames?: ReverseNames;
  readonly geometry: Geometry;
}

/**
 * How the probe space is cut. A chunk never mixes "part of an address" with "several addresses": with one address
 * split over several chunks the lanes hold its rate, with several addresses in one chunk the worker does.
 */
export interface Geometry {
  readonly addressCount: number;
  readonly portCount: number;
  /** `split`: chunks per address, each up to `size` ports. `whole`: up to `size` addresses a chunk, every port. */
  readonly kind: 'split' | 'whole';
  readonly size: number;
  readonly chunks: number;
  /** At most so many workers probe one address at once, each at its share of the rate. */
  readonly lanes: number;
}

/** The request in the user's own words, stored for the record and for scanning again. */
export interface ScanRequest {
  readonly targets: readonly string[];
  readonly exclude: readonly string[];
  readonly ports: string;
}

/** Who submitted a scan through the API, and from where; when is the scan's `submittedAt`. */
export interface Submitter {
  /** As the deployment knows its callers: the ARN of an IAM principal, or "local". */
  readonly caller: string;
  /** Null where the transport does not tell. */
  readonly sourceAddress: string | null;
}

/** The command line that submitted a scan on this machine: what is to become of the scan stands in it. */
export interface SubmittedCommand {
  readonly words: readonly string[];
  /** Where it was typed: paths are relative to it. */
  readonly directory: string;
  readonly at: EpochMillis;
}

export interface Scan {
  readonly id: ScanId;
  readonly status: ScanStatus;
  readonly request: ScanRequest;
  readonly names: readonly ResolvedName[];
  readonly plan: Plan;
  /** What the user calls it; absent where it has no name. */
  readonly label?: string;
  /** Through which its workers connect; absent where they connect themselves. Not in the plan, which anybody may see. */
  readonly proxy?: ProxyServer;
  /** Absent where the scan did not come from the command line of this machine. */
  readonly command?: SubmittedCommand;
  /** What the account said of its own among the addresses, when the scan was submitted; absent where nobody asked it. */
  readonly account?: readonly AccountAddress[];
  /** Absent where the scan is our own. */
  readonly imported?: ImportFacts;
  /** Absent where nothing is paid for. */
  readonly cost?: CostPlan;
  /** Absent where the scan did not come through the API. */
  readonly submittedBy?: Submitter;
  readonly submittedAt: EpochMillis;
  readonly finishedAt: EpochMillis | null;
  /** Written by the aggregator. */
  readonly summary: ScanSummary | null;
  /** Why it ended as `failed`; absent otherwise. */
  readonly failure?: string;
}

/** Every planned probe, counted once: `planned = sum of settled + sum of unprobed + pending`. */
export interface ScanSummary {
  readonly planned: number;
  readonly settled: Readonly<Partial<Record<Settled, number>>>;
  readonly unprobed: Readonly<Partial<Record<Unprobed, number>>>;
  readonly pending: number;
  readonly tally: ProbeTally;
  /** Hosts whose open ports should not be believed as they stand. */
  readonly anomalies: readonly Anomaly[];
  /** Such hosts beyond those listed; absent for none. A record of a scan must stay small, however many there are. */
  readonly anomaliesLeftOut?: number;
  /** Hosts that no port answered of, and beyond which round trip they may only be far; absent for none. */
  readonly unheard?: { readonly hosts: number; readonly beyond: Millis };
  /** Absent where nothing is paid for. */
  readonly cost?: ScanCost;
  /** From submission to the end, or to now while the scan runs. */
  readonly duration: Millis;
}

/** What a queue carries: enough to find the plan and rebuild the chunk, and nothing a worker would have to trust. */
export interface ChunkMessage {
  readonly scanId: ScanId;
  readonly chunk: ChunkNumber;
}
