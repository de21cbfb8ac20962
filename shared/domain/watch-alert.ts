import type { PortSet } from './port-set.ts';
import type { Protocol } from './probe.ts';
import type { Address, EpochMillis, HostKey } from './units.ts';

/** The program behind an open port, as far as it told; null members were not told. */
export interface ServiceFact {
  readonly name: string;
  readonly product: string | null;
  readonly version: string | null;
}

/** What is left of a certificate: the smallest of the thresholds that it is below. */
export const CERTIFICATE_TERMS = ['fine', '30-days', '14-days', '7-days', '1-day', 'expired'] as const;
export type CertificateTerm = (typeof CERTIFICATE_TERMS)[number];

/** What may be so, or not be so, of one subject of a host. All that a watch compares is one of these. */
export type Fact =
  | { readonly kind: 'port'; readonly state: 'open'; readonly service: ServiceFact | null }
  /** Closed or filtered: who watches a port wants to know whether it can be reached. */
  | { readonly kind: 'port'; readonly state: 'shut' }
  | { readonly kind: 'host'; readonly state: 'up' | 'away' }
  | { readonly kind: 'certificate'; readonly state: CertificateTerm; readonly validTo: EpochMillis | null }
  | { readonly kind: 'expectation'; readonly state: 'met' | 'unexpected' | 'missing' }
  | { readonly kind: 'probing'; readonly state: 'probed' }
  | { readonly kind: 'probing'; readonly state: 'unprobed'; readonly cause: string; readonly ports: number };

export type FactKind = Fact['kind'];

/** "tcp/443". */
export type PortKey = `${Protocol}/${number}`;

/** What a fact is of, on one host: the host as a whole, or one of its ports. */
export type SubjectKey = 'host' | 'probing' | `${'port' | 'certificate' | 'expectation'} ${PortKey}`;

/** A fact that differs from what was told, on its way to being told. */
export interface ChangeCandidate {
  readonly fact: Fact;
  /** How often it was seen in a row. */
  readonly times: number;
  /** First seen, and the last time that the subject was seen otherwise. */
  readonly since: EpochMillis;
  readonly otherwiseAt: EpochMillis | null;
}

/** One subject: what its owner takes for right, what he was told last, and what may come next. */
export interface WatchSubject {
  readonly truth: Fact;
  readonly told: Fact;
  readonly toldAt: EpochMillis | null;
  readonly candidate: ChangeCandidate | null;
}

/** A time for which a port was open; `to` is null while it is. */
export interface OpenSpan {
  readonly from: EpochMillis;
  /** The port was last seen otherwise then: it opened some time after. Null where there was no run before. */
  readonly after: EpochMillis | null;
  readonly to: EpochMillis | null;
  readonly service: string | null;
}

/** What a watch knows of one host. It changes only when something about the host does. */
export interface HostRecord {
  readonly host: HostKey;
  readonly version: number;
  /** The round that this record was judged in last, see `Watch.step`. */
  readonly step: number;
  readonly addresses: readonly Address[];
  readonly subjects: Readonly<Partial<Record<SubjectKey, WatchSubject>>>;
  /** Oldest first. */
  readonly spans: Readonly<Partial<Record<PortKey, readonly OpenSpan[]>>>;
  /** A port by which the host was seen to be up; null where it never was. */
  readonly answeredBy: PortKey | null;
  /** Planned ports that were never probed to the end, so that their earlier state is not known. */
  readonly unlearned: PortSet;
  /** What was confirmed in that very step: repeated when the step is, because whoever judged may have died. */
  readonly confirmed: readonly WatchChange[];
  /** Ports to probe again, for the same reason. */
  readonly again: readonly PortKey[];
}

/** A change that was confirmed: one subject became another than its owner knows. */
export interface WatchChange {
  /** The same for the same change, however often it is sent. */
  readonly id: string;
  readonly host: HostKey;
  readonly address: Address | null;
  readonly subject: SubjectKey;
  readonly before: Fact;
  readonly after: Fact;
  readonly since: EpochMillis;
  readonly otherwiseAt: EpochMillis | null;
  /** It is again what its owner takes for right. */
  readonly isBack: boolean;
}

/** The changes of a run: the worst of them, and how many there were. */
export interface ChangeTally {
  readonly worst: readonly WatchChange[];
  readonly count: number;
}
