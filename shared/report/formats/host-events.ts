import type { Anomaly } from '../../domain/anomaly.ts';
import { type Incident, silencesOf } from '../../domain/incident.ts';
import type { ScanSummary } from '../../domain/scan.ts';
import type { Address, EpochMillis } from '../../domain/units.ts';
import { isoTime } from './time.ts';

/** What befell a host, for the formats that have a record for each port and none for the scan. */
export interface HostEvent {
  readonly event: Incident['kind'] | Anomaly['kind'];
  readonly address: Address;
  /** When it was last as before, and when again; null where no time is known, or none was. */
  readonly from: EpochMillis | null;
  readonly until: EpochMillis | null;
  /** Ports that are not told for it, that were reset meanwhile, or that accepted. */
  readonly ports: number;
  /** Of a host that accepts everything: the ports that answered at all. */
  readonly answered?: number;
}

export const hostEventsOf = (summary: Pick<ScanSummary, 'tally' | 'anomalies'>): HostEvent[] => [
  ...silencesOf(summary).map(({ kind: event, ...rest }) => ({ event, ...rest })),
  ...summary.anomalies.map(eventOfAnomaly),
];

function eventOfAnomaly(anomaly: Anomaly): HostEvent {
  const { address } = anomaly;
  switch (anomaly.kind) {
    case 'all-open':
      return { event: anomaly.kind, address, from: null, until: null, ports: anomaly.open, answered: anomaly.answered };
    case 'reset-everything':
      return { event: anomaly.kind, address, from: anomaly.since, until: anomaly.until, ports: anomaly.ports };
    default:
      return anomaly satisfies never;
  }
}

/** For machines: ISO 8601, and nothing where there is no time. */
export const eventTime = (at: EpochMillis | null): string | undefined => (at === null ? undefined : isoTime(at));
