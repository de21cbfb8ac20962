import { randomBytes } from 'node:crypto';
import { monotonicFactory } from 'ulid';
import type { WatchId } from '../../shared/domain/units.ts';
import type { Clock } from '../../shared/seams/clock.ts';
import type { ManageDeps } from '../../shared/usecases/manage-watches.ts';
import type { LocalNode } from '../local-node.ts';

/** As many as an HMAC-SHA256 takes whole into its key. */
const SECRET_BYTES = 32;

/** What the watches in the store of this user are added and changed with. */
export function manageDeps({ watches }: Pick<LocalNode, 'watches'>, clock: Pick<Clock, 'wall'>): ManageDeps {
  const nextUlid = monotonicFactory();
  return {
    watches,
    clock,
    newWatchId: () => nextUlid() as WatchId,
    newSecret: () => randomBytes(SECRET_BYTES).toString('hex'),
  };
}
