import { COMMAND_LINE_FIELDS, JSON_FIELDS } from '../request/request-fields.ts';
import type { WatchFieldNames } from './read-watch.ts';

/** What the parts of a watch are called on a command line. */
export const WATCH_OPTIONS: WatchFieldNames = {
  ...COMMAND_LINE_FIELDS,
  name: '--name',
  every: '--every',
  cron: '--cron',
  zone: '--zone',
  expect: '--expect',
  quietHours: '--quiet-hours',
  notify: '--notify',
};

/** And in JSON, and in a file of watches. */
export const WATCH_MEMBERS: WatchFieldNames = {
  ...JSON_FIELDS,
  name: 'name',
  every: 'every',
  cron: 'cron',
  zone: 'zone',
  expect: 'expect',
  quietHours: 'quietHours',
  notify: 'notify',
};
