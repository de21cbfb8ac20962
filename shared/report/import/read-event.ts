import { canonicalAddress } from '../../domain/addresses/address-set.ts';
import type { Anomaly } from '../../domain/anomaly.ts';
import { NO_PROBES } from '../../domain/coverage.ts';
import { type Incident, joinIncidents } from '../../domain/incident.ts';
import type { ScanSummary } from '../../domain/scan.ts';
import type { EpochMillis } from '../../domain/units.ts';
import type { HostEvent } from '../formats/host-events.ts';
import { textOf } from './read-values.ts';

/** An event as a file of ours has it, its times already read. */
export interface WrittenEvent {
  readonly event?: unknown;
  readonly address?: unknown;
  readonly from: EpochMillis | undefined;
  readonly until: EpochMillis | undefined;
  readonly ports?: unknown;
  readonly answered?: unknown;
}

const KINDS = ['went-silent', 'reset-everything', 'all-open'] as const satisfies HostEvent['event'][];

const isCount = (value: unknown): value is number => typeof value === 'number' && value >= 0;

/** What befell a host, read back; undefined where it is not as we write it. */
export function readEvent({ event, address, from, until, ports, answered }: WrittenEvent): HostEvent | undefined {
  const [kind, host] = [KINDS.find((each) => each === event), canonicalAddress(textOf(address))];
  if (!kind || !host || !isCount(ports) || (kind !== 'all-open' && from === undefined)) return undefined;
  if (kind === 'all-open' && !isCount(answered)) return undefined;
  const times = { from: from ?? null, until: until ?? null };
  return { event: kind, address: host, ...times, ports, ...(isCount(answered) && { answered }) };
}

/** The same as a summary holds it. */
export function factsOfEvents(events: readonly HostEvent[]): Pick<ScanSummary, 'tally' | 'anomalies'> {
  const silences: Incident[] = [];
  const anomalies: Anomaly[] = [];
  for (const { event, address, from, until, ports, answered = ports } of events) {
    if (event === 'all-open') anomalies.push({ kind: event, address, open: ports, answered });
    else if (from === null) continue;
    else if (event === 'went-silent') silences.push({ kind: event, address, from, until, ports });
    else anomalies.push({ kind: event, address, since: from, until, ports });
  }
  const incidents = joinIncidents([], silences);
  return { tally: { ...NO_PROBES, ...(incidents.length > 0 && { incidents }) }, anomalies };
}
