import type { ProbeTally } from '../domain/coverage.ts';
import type { ScanSummary } from '../domain/scan.ts';
import { isUnprobed, type Unprobed, verdictNamed } from '../domain/verdict.ts';

/** A tally as it is stored and said: under the names of the first version. */
export interface TallyRecord extends Omit<ProbeTally, 'sent'> {
  readonly asks: number;
}

export const tallyRecord = ({ sent, ...rest }: ProbeTally): TallyRecord => ({ asks: sent, ...rest });

/** The inverse of `tallyRecord`. */
export const tallyOf = ({ asks, ...rest }: TallyRecord): ProbeTally => ({ sent: asks, ...rest });

/** A summary as it is stored and said. */
export interface SummaryRecord extends Omit<ScanSummary, 'anomalies' | 'tally'> {
  readonly tally: TallyRecord;
  readonly suspicions: ScanSummary['anomalies'];
}

export const summaryRecord = ({ anomalies, tally, ...rest }: ScanSummary): SummaryRecord => ({
  ...rest,
  tally: tallyRecord(tally),
  suspicions: anomalies,
});

/** The inverse; what earlier versions called by another name is read under the name of today. */
export function summaryOfRecord({ suspicions, tally, ...rest }: SummaryRecord): ScanSummary {
  const unprobed: Partial<Record<Unprobed, number>> = {};
  for (const [name, count] of Object.entries(rest.unprobed)) {
    const verdict = verdictNamed(name);
    if (verdict && isUnprobed(verdict)) unprobed[verdict] = (unprobed[verdict] ?? 0) + count;
  }
  return { ...rest, unprobed, tally: tallyOf(tally), anomalies: suspicions };
}

export const summaryText = (summary: ScanSummary): string => JSON.stringify(summaryRecord(summary));

export const summaryOf = (text: string): ScanSummary => summaryOfRecord(JSON.parse(text) as SummaryRecord);
