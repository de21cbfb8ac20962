import type { Detection } from '../../domain/detection.ts';
import type { Finding, Service } from '../../domain/finding.ts';
import type { HostFacts } from '../../domain/imported.ts';
import type { PortRange, PortSet } from '../../domain/port-set.ts';
import type { Protocol } from '../../domain/probe.ts';
import type { Result } from '../../domain/result.ts';
import type { Scan } from '../../domain/scan.ts';
import type { Timing } from '../../domain/timing-template.ts';
import type { Address, EpochMillis, PortNumber } from '../../domain/units.ts';
import type { Unprobed } from '../../domain/verdict.ts';
import type { HostEvent } from '../formats/host-events.ts';

/** The file of another scanner. It is read from its beginning several times, so that no more than a host is held. */
export interface ScanFile {
  readonly name: string;
  /** The text of the file, decoded. Throws a PortfleetError where it cannot be read. */
  readonly open: () => AsyncIterable<string>;
}

/** Reads a file: its hosts as they come, and at the end what it says of the run as a whole. */
export type FileReader = AsyncGenerator<FileHost, Result<FileRun>, void>;

/** The run of another scanner, before anything is concluded from it. */
export interface FileRun {
  /** "nmap 7.95". */
  readonly tool: string;
  /** The command line, where the file has it. */
  readonly args: string;
  readonly startedAt: EpochMillis | undefined;
  readonly finishedAt: EpochMillis | undefined;
  /** The ports that were scanned of every host, where the file says which. */
  readonly scanned: PortSet | null;
  /** Why hosts may be missing. */
  readonly incomplete: string | undefined;
  /** Hosts that were left out, because their address cannot be read. */
  readonly lostHosts: number;
  /** What the file has and an import has not, each with its number. */
  readonly omitted: ReadonlyMap<string, number>;
  /** What else a reader should know, a sentence each. */
  readonly remarks: readonly string[];
  /** What befell single hosts, where the file is one of ours. */
  readonly events?: readonly HostEvent[];
  /** The scan itself, where the file is our own JSON. */
  readonly own?: OwnScan;
}

/** What our JSON keeps of a scan beside its hosts. */
export interface OwnScan
  extends Pick<Scan, 'id' | 'status' | 'request' | 'submittedAt' | 'finishedAt' | 'summary' | 'imported'> {
  readonly timing: Timing;
  readonly detect: Detection;
}

/** What one element or record of the file says of a host; masscan writes one for every port. */
export interface FileHost {
  readonly address: Address;
  readonly names: readonly string[];
  readonly facts: HostFacts;
  readonly endedAt: EpochMillis | null;
  readonly ports: readonly FilePort[];
  readonly extras: readonly FileExtra[];
  readonly gaps: readonly FileGap[];
  /** The ports that its run scanned, where the file says which. */
  readonly scanned: PortSet | null;
}

/** A port with an element of its own. State and reason are nmap's words, unread. */
export interface FilePort {
  readonly protocol: Protocol;
  readonly port: PortNumber;
  readonly state: string;
  readonly reason: string;
  readonly service: Service | null;
  /** From our own formats. */
  readonly seen: Seen | null;
}

/** What nmap's elements have no place for. */
export interface Seen extends Partial<Pick<Finding, 'rtt' | 'attempt' | 'banner' | 'tls'>> {
  readonly at: EpochMillis;
}

/** Ports of one state, as a count. */
export interface FileExtra {
  readonly state: string;
  readonly count: number;
  readonly reasons: readonly FileExtraReason[];
}

export interface FileExtraReason {
  readonly reason: string;
  readonly count: number;
  /** Which ones, since nmap 7.91; null in older files. */
  readonly ports: { readonly protocol: Protocol; readonly ranges: readonly PortRange[] } | null;
}

/** Ports that were not probed, from our own instruction. */
export interface FileGap {
  readonly protocol: Protocol;
  readonly verdict: Unprobed | 'pending';
  readonly ranges: readonly PortRange[];
}
