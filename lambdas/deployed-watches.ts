import { randomBytes } from 'node:crypto';
import { monotonicFactory } from 'ulid';
import type { WatchingDeps } from '../shared/api/api-deps.ts';
import type { WatchId } from '../shared/domain/units.ts';
import type { Clock } from '../shared/seams/clock.ts';
import type { Table } from './aws/dynamo/table.ts';
import { makeDynamoWatchStore } from './aws/dynamo/watch-store.ts';
import type { Environment } from './env.ts';

/** Receivers that the owner of the deployment switches on for every watch, as a delivery names them. */
export const EVENTS = 'events';
export const SECURITY_HUB = 'security-hub';

export const alwaysTold = (env: Environment): readonly string[] => [
  ...(env['PORTFLEET_EVENT_BUS'] ? [EVENTS] : []),
  ...(env['PORTFLEET_SECURITY_HUB'] ? [SECURITY_HUB] : []),
];

/** As many as an HMAC-SHA256 takes whole into its key. */
const SECRET_BYTES = 32;

/** What the watches of a deployment are added and changed with; null where the owner has switched them off. */
export function deployedWatching(env: Environment, table: Table, clock: Pick<Clock, 'wall'>): WatchingDeps | null {
  if (env['PORTFLEET_WATCHES'] === 'false') return null;
  const nextUlid = monotonicFactory();
  return {
    watches: makeDynamoWatchStore(table),
    clock,
    newWatchId: () => nextUlid() as WatchId,
    newSecret: () => randomBytes(SECRET_BYTES).toString('hex'),
    alwaysTold: alwaysTold(env),
    place: 'account',
  };
}
