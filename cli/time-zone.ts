import { clockFormat, type TimeFormat } from '../shared/report/formats/time.ts';
import type { KeptOptions } from './scan-options.ts';

/** The zone in which a person wants to read times: that of this machine, unless `--utc` says otherwise. */
export const timeZoneOf = ({ utc }: KeptOptions): string =>
  utc ? 'UTC' : Intl.DateTimeFormat().resolvedOptions().timeZone;

export const timeFormatOf = (options: KeptOptions): TimeFormat => clockFormat(timeZoneOf(options));
