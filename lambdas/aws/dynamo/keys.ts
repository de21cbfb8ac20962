import type { Address, ChunkNumber, EpochMillis, HostKey, ScanId, WatchId } from '../../../shared/domain/units.ts';
import type { TreeNode } from '../../../shared/seams/scan-store.ts';
import type { ItemKey } from './table.ts';

/**
 * Where everything lies in the one table. A partition takes 1,000 write units a second, so what many workers write at
 * once is spread:
 *
 *   pk                  sk                        what
 *   <id>                scan                      the scan: status, plan, summary
 *   <id>                sweep                     what the sweeper saw of it last
 *   scans               <id>                      for listing, newest first
 *   active              <id>                      scans that are not over, for the sweeper
 *   <id>/chunks/<n>     <chunk>/coverage          a chunk's record; 32 neighbouring chunks share a partition
 *   <id>/chunks/<n>     <chunk>/open/<time>       findings that were written at once
 *   <id>/learnt         <address>                 timing hints of a target
 *   <id>/tree/<l>.<i>   node                      a node of the completion tree, each a partition of its own
 *   <id>/tree/1.<i>     used                      what workers have used on the chunks of a leaf
 *   caller/<arn>        account                   what a caller has used of its quota
 *   caller/<arn>        key/<digest>              what an idempotency key was used for
 *   watches             <name>                    which watch has the name, for listing
 *   watch/<id>          watch                     the watch
 *   watch/<id>          host/<host>               what it knows of a host
 *   watch/<id>          delivery/<id>             a message on its way to one receiver
 *   watch/<id>          told/<time>/<id>          the same, for listing, newest first
 *   <id>                watch                     the watch that a scan belongs to
 *
 * What has to be seen to at some time, a watch or a delivery, has that time in `dueAt`, and is in the index `due`. It has
 * no other items, so a look at what is due costs one query, however many watches there are.
 */
export const scanKey = (id: ScanId): ItemKey => ({ pk: id, sk: 'scan' });
export const sweepKey = (id: ScanId): ItemKey => ({ pk: id, sk: 'sweep' });

export const LISTED = 'scans';
export const ACTIVE = 'active';
export const listedKey = (id: string): ItemKey => ({ pk: LISTED, sk: id });
export const activeKey = (id: string): ItemKey => ({ pk: ACTIVE, sk: id });

/**
 * A worker writes findings at most 20 times a second and one checkpoint: 21 writes × 32 chunks = 672 a second, below a
 * partition's 1,000, even when all of them are worked on at once. More to a partition would make reading a report
 * cheaper, fewer would let a worker write larger batches.
 */
export const CHUNKS_PER_PARTITION = 32;

export const chunkPartition = (id: ScanId, chunk: ChunkNumber): string =>
  `${id}/chunks/${Math.floor(chunk / CHUNKS_PER_PARTITION)}`;

/** Seven digits hold 10⁶ chunks, and sort as numbers do. */
export const chunkName = (chunk: ChunkNumber): string => String(chunk).padStart(7, '0');

export const coverageKey = (id: ScanId, chunk: ChunkNumber): ItemKey => ({
  pk: chunkPartition(id, chunk),
  sk: `${chunkName(chunk)}/coverage`,
});

/** Which chunk an item of a partition of chunks belongs to, in the words of its sort key. */
export const chunkNameOf = ({ sk }: ItemKey): string => sk.slice(0, sk.indexOf('/'));

/** What the keys of all findings of a chunk begin with. */
export const findingsPrefix = (chunk: ChunkNumber): string => `${chunkName(chunk)}/open/`;

/**
 * One partition, so that deleting a scan need not know its addresses. A worker writes here once a second at the most, and
 * hardly ever does; where a thousand of them should be too many, a hint that is throttled is dropped.
 */
export const hintsPartition = (id: ScanId): string => `${id}/learnt`;
export const hintKey = (id: ScanId, address: Address): ItemKey => ({ pk: hintsPartition(id), sk: address });

export const nodeKey = (id: ScanId, { level, index }: TreeNode): ItemKey => ({
  pk: `${id}/tree/${level}.${index}`,
  sk: 'node',
});

/** Beside the leaf of the same chunks. */
export const usageKey = (id: ScanId, index: number): ItemKey => ({ pk: `${id}/tree/1.${index}`, sk: 'used' });

/**
 * Who is held to a quota: a user, or a role whatever its session calls itself. Anyone who may assume a role chooses the
 * name of the session, so by session a quota would start over with each name.
 */
const principalOf = (arn: string): string => arn.replace(/^(arn:[^:]*:sts::\d+:assumed-role\/[^/]+)\/.*$/, '$1');

export const callerKey = (caller: string): ItemKey => ({ pk: `caller/${principalOf(caller)}`, sk: 'account' });
export const idempotencyKey = (caller: string, digest: string): ItemKey => ({
  pk: `caller/${principalOf(caller)}`,
  sk: `key/${digest}`,
});

export const NAMES_OF_WATCHES = 'watches';
export const watchNameKey = (name: string): ItemKey => ({ pk: NAMES_OF_WATCHES, sk: name });

export const watchPartition = (id: WatchId): string => `watch/${id}`;
export const watchKey = (id: WatchId): ItemKey => ({ pk: watchPartition(id), sk: 'watch' });
/** The watch of a partition. */
export const watchOfPartition = (pk: string): WatchId => pk.slice('watch/'.length) as WatchId;

export const HOSTS_PREFIX = 'host/';
export const hostRecordKey = (id: WatchId, host: HostKey): ItemKey => ({
  pk: watchPartition(id),
  sk: `${HOSTS_PREFIX}${host}`,
});

export const DELIVERIES_PREFIX = 'delivery/';
export const deliveryKey = (watch: WatchId, id: string): ItemKey => ({
  pk: watchPartition(watch),
  sk: `${DELIVERIES_PREFIX}${id}`,
});

export const TOLD_PREFIX = 'told/';
/** Fifteen digits hold the milliseconds of the next thirty thousand years, and sort as numbers do. */
export const toldKey = (watch: WatchId, at: EpochMillis, id: string): ItemKey => ({
  pk: watchPartition(watch),
  sk: `${TOLD_PREFIX}${String(Math.ceil(at)).padStart(15, '0')}/${id}`,
});
/** The delivery that an entry of the list stands for. */
export const deliveryOfTold = ({ sk }: ItemKey): string => sk.slice(TOLD_PREFIX.length + 16);

export const scanWatchKey = (id: ScanId): ItemKey => ({ pk: id, sk: 'watch' });
