import type { Finding, Service } from '../../domain/finding.ts';
import type { PortRange, PortSet } from '../../domain/port-set.ts';
import type { Protocol } from '../../domain/probe.ts';
import type { Address, EpochMillis, PortNumber } from '../../domain/units.ts';
import type { Unprobed } from '../../domain/verdict.ts';

/** One run of nmap (or of masscan, or of ours) as its XML tells it, before anything is concluded from it. */
export interface NmapRun {
  /** The command line, where the file has it. */
  readonly args: string;
  readonly startedAt: EpochMillis;
  readonly finishedAt: EpochMillis;
  /** The ports that were asked of every host, where the file says which. */
  readonly asked: PortSet | null;
  /** In the order of the file, each address once. */
  readonly hosts: readonly NmapHost[];
  /** What was left out while reading, each as a sentence. */
  readonly notes: readonly string[];
}

export interface NmapHost {
  readonly address: Address;
  readonly names: readonly string[];
  readonly endedAt: EpochMillis | null;
  readonly ports: readonly NmapPort[];
  readonly extras: readonly NmapExtra[];
  readonly gaps: readonly NmapGap[];
}

/** A port with an element of its own. State and reason are nmap's words, unread. */
export interface NmapPort {
  readonly protocol: Protocol;
  readonly port: PortNumber;
  readonly state: string;
  readonly reason: string;
  readonly service: Service | null;
  /** From our own instruction. */
  readonly seen: Seen | null;
}

/** What nmap's elements have no place for. */
export interface Seen extends Pick<Finding, 'rtt' | 'attempt' | 'banner' | 'tls'> {
  readonly at: EpochMillis;
}

/** Ports of one state, told as a count. */
export interface NmapExtra {
  readonly state: string;
  readonly count: number;
  readonly reasons: readonly NmapExtraReason[];
}

export interface NmapExtraReason {
  readonly reason: string;
  readonly count: number;
  /** Which ones, since nmap 7.91; null in older files. */
  readonly ports: { readonly protocol: Protocol; readonly ranges: readonly PortRange[] } | null;
}

/** Ports that were not asked, from our own instruction. */
export interface NmapGap {
  readonly protocol: Protocol;
  readonly verdict: Unprobed | 'pending';
  readonly ranges: readonly PortRange[];
}
