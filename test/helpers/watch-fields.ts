import { epochMillis } from '../../shared/domain/units.ts';
import type { ReadWatchDeps } from '../../shared/watch/read-watch.ts';
import { WATCH_OPTIONS } from '../../shared/watch/watch-fields.ts';

/** How a test reads a watch: as the command does, at some moment. */
export const asCommand: ReadWatchDeps = {
  fields: WATCH_OPTIONS,
  place: 'machine',
  zone: 'Europe/Vienna',
  now: epochMillis(1_795_348_800_000),
};
