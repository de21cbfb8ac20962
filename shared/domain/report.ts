import type { AccountAddress } from './account.ts';
import type { Finding } from './finding.ts';
import type { HostFacts } from './imported.ts';
import type { Protocol } from './probe.ts';
import type { Scan, ScanSummary } from './scan.ts';
import type { Address, PortNumber } from './units.ts';
import type { Verdict } from './verdict.ts';

/** Neighbouring ports of one host with one verdict. The ports between `first` and `last` that were not planned are not meant. */
export interface PortRun {
  readonly protocol: Protocol;
  readonly first: PortNumber;
  readonly last: PortNumber;
  readonly count: number;
  readonly verdict: Verdict;
}

/** Everything known of one address, small enough to hold in memory (at most 2 × 65,536 ports). */
export interface HostReport {
  readonly address: Address;
  /** The names that resolved to it when the scan was submitted. */
  readonly names: readonly string[];
  /** The names that DNS has for it, of whomever; absent where none were found. */
  readonly reverseNames?: readonly string[];
  /** All open ports, sorted by protocol and number. */
  readonly findings: readonly Finding[];
  /** Every other planned port, in order. */
  readonly runs: readonly PortRun[];
  readonly facts?: HostFacts;
  /** What the account said of the address, where it is one of its own. */
  readonly account?: AccountAddress;
}

/**
 * A scan as its reader sees it. Hosts come one at a time, in the order of the plan, so that a report of a million
 * findings needs no more memory than its largest host.
 */
export interface Report {
  readonly scan: Scan;
  readonly summary: ScanSummary;
  readonly hosts: AsyncIterable<HostReport>;
}
