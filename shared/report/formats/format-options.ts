import type { HostReport, Report } from '../../domain/report.ts';
import type { EpochMillis } from '../../domain/units.ts';
import type { Diff, DiffItem } from '../diff/diff-scans.ts';
import type { Sections } from './write-sections.ts';

/** What a report needs to know beside the scan itself. Nothing here changes what was found. */
export interface FormatOptions {
  /** Leaves out closed and filtered ports, and hosts without an open one. Counts and coverage stay whole. */
  readonly openOnly: boolean;
  /** IANA name of the zone for times that people read: "Europe/Vienna", or "UTC" for --utc. Machines get UTC, always. */
  readonly timeZone: string;
  /** The command line, for the headers that nmap's formats have. */
  readonly args: string;
  /** The version of this program. */
  readonly version: string;
  /** When the report is written. */
  readonly now: EpochMillis;
  /** Ends the report early but in form: no further host is taken, and the closing lines are written. */
  readonly signal?: AbortSignal;
}

/** A format of a report: what it writes before the hosts, for each, and after them. */
export type MakeSections = (report: Pick<Report, 'scan' | 'summary'>, options: FormatOptions) => Sections<HostReport>;

/** A format of a difference. */
export type MakeDiffSections = (diff: Pick<Diff, 'before' | 'after'>, options: FormatOptions) => Sections<DiffItem>;
