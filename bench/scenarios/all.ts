import type { Scenario } from '../environment.ts';
import { firewalled } from './firewalled.ts';
import { hiccups } from './hiccup.ts';
import { loopback } from './loopback.ts';
import { lossy } from './lossy.ts';
import { rateLimited } from './rate-limited.ts';
import { rejecting } from './rejecting.ts';
import { silent } from './silent.ts';
import { manyHosts, subnet } from './subnet.ts';

/** Every scenario, in the order of the table. */
export const SCENARIOS: readonly Scenario[] = [
  loopback,
  ...firewalled,
  silent,
  ...lossy,
  subnet,
  manyHosts,
  ...rejecting,
  ...rateLimited,
  ...hiccups,
];
