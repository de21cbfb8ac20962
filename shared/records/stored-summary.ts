import type { ScanSummary } from '../domain/scan.ts';
import { isUnprobed, type Unprobed, verdictNamed } from '../domain/verdict.ts';

/** A summary as both stores keep it: JSON, under the names of the first version. */
interface StoredSummary extends Omit<ScanSummary, 'anomalies'> {
  readonly suspicions: ScanSummary['anomalies'];
}

export function summaryText({ anomalies, ...rest }: ScanSummary): string {
  const stored: StoredSummary = { ...rest, suspicions: anomalies };
  return JSON.stringify(stored);
}

/** The inverse of `summaryText`; what earlier versions called by another name is read under the name of today. */
export function summaryOf(text: string): ScanSummary {
  const { suspicions, ...rest } = JSON.parse(text) as StoredSummary;
  const unprobed: Partial<Record<Unprobed, number>> = {};
  for (const [name, count] of Object.entries(rest.unprobed)) {
    const verdict = verdictNamed(name);
    if (verdict && isUnprobed(verdict)) unprobed[verdict] = (unprobed[verdict] ?? 0) + count;
  }
  return { ...rest, unprobed, anomalies: suspicions };
}
