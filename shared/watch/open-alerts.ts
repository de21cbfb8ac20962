import type { EpochMillis, HostKey, WatchId } from '../domain/units.ts';
import type { ChangeCandidate, Fact, HostRecord, SubjectKey, WatchSubject } from '../domain/watch-alert.ts';
import { acknowledged, isAlert, isOrdinary } from './alert.ts';
import { alertId } from './judge-host.ts';

/** An alert that is open, or a change that is being confirmed, as a reader sees it. */
export interface OpenAlert {
  readonly id: string;
  readonly host: HostKey;
  readonly subject: SubjectKey;
  readonly truth: Fact;
  readonly told: Fact;
  readonly toldAt: EpochMillis | null;
  readonly candidate: ChangeCandidate | null;
}

const subjectsOf = ({ subjects }: HostRecord): [SubjectKey, WatchSubject][] =>
  Object.entries(subjects) as [SubjectKey, WatchSubject][];

/** What is told and still so, and what may be told soon, of one host. */
export const openAlerts = (watch: WatchId, record: HostRecord): OpenAlert[] =>
  subjectsOf(record)
    .filter(([, subject]) => isAlert(subject) || subject.candidate !== null)
    .map(([subject, state]) => ({ id: alertId(watch, record.host, subject), host: record.host, subject, ...state }));

/**
 * The record with what was told taken for right, where the id of the alert or its host is named; all of it for "all".
 * Gives the very same record where nothing is meant.
 */
export function acknowledge(watch: WatchId, record: HostRecord, names: readonly string[]): HostRecord {
  const isMeant = (id: string) =>
    names.some((name) => name === 'all' || name === `${record.host}` || name.split('-', 1)[0] === id);
  const settled = subjectsOf(record).filter(
    ([key, state]) => isAlert(state) && isMeant(alertId(watch, record.host, key)),
  );
  if (settled.length === 0) return record;
  const changed = new Set(settled.map(([key]) => key));
  const subjects = subjectsOf(record).map(
    ([key, state]) => [key, changed.has(key) ? acknowledged(state) : state] as const,
  );
  return { ...record, subjects: Object.fromEntries(subjects.filter(([, state]) => !isOrdinary(state))) };
}
