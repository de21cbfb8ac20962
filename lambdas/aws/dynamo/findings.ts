import { createHash } from 'node:crypto';
import type { Finding } from '../../../shared/domain/finding.ts';
import type { ChunkNumber, EpochMillis, ScanId } from '../../../shared/domain/units.ts';
import { findingBatches, joinAll, packFindings, unpackFindings } from '../../../shared/records/packed-findings.ts';
import type { Clock } from '../../../shared/seams/clock.ts';
import type { ScanStore } from '../../../shared/seams/scan-store.ts';
import { chunkPartition, findingsPrefix } from './keys.ts';
import type { Retention } from './retention.ts';
import type { Item, Table } from './table.ts';

type Findings = Pick<ScanStore, 'putFindings' | 'readFindings' | 'compactFindings'>;

interface FindingsAttributes {
  /** See `packFindings`. */
  readonly findings: Uint8Array;
  readonly expires: number;
}

export type FindingsItem = Item<FindingsAttributes>;

export function makeFindings(table: Table, retention: Retention, clock: Pick<Clock, 'wall'>): Findings {
  const read = async (id: ScanId, chunk: ChunkNumber): Promise<FindingsItem[]> => {
    const items: FindingsItem[] = [];
    const stored = table.query<FindingsAttributes>(chunkPartition(id, chunk), { prefix: findingsPrefix(chunk) });
    for await (const item of stored) items.push(item);
    return items;
  };
  const itemsOf = (id: ScanId, chunk: ChunkNumber, findings: readonly Finding[], time: string): FindingsItem[] => {
    const [pk, expires] = [chunkPartition(id, chunk), retention.expires()];
    return [...findingBatches(findings)].map(packFindings).map((packed) => ({
      ...{ pk, sk: `${findingsPrefix(chunk)}${time}.${digestOf(packed)}`, findings: packed, expires },
    }));
  };
  return {
    putFindings: async (id, chunk, findings) =>
      table.putAll(itemsOf(id, chunk, findings, timeName(clock.wall())).map((item) => ({ ...item }))),
    readFindings: async (id, chunk) => findingsOf(await read(id, chunk)),
    compactFindings: async (id, chunk) => {
      const items = await read(id, chunk);
      const [first] = items;
      if (!first) return;
      const prefix = findingsPrefix(chunk).length;
      const packed = itemsOf(id, chunk, findingsOf(items), first.sk.slice(prefix, prefix + MICROSECONDS_DIGITS));
      if (packed.length >= items.length) return;
      // Whoever dies in between leaves findings twice, which are read as one.
      await table.putAll(packed.map((item) => ({ ...item })));
      const stays = new Set(packed.map(({ sk }) => sk));
      await table.deleteAll(items.filter(({ sk }) => !stays.has(sk)).map(({ pk, sk }) => ({ pk, sk })));
    },
  };
}

/** Microseconds since 1970 in 16 digits sort as text until the year 2286. */
const MICROSECONDS_DIGITS = 16;

/** The key begins with the time of the write, so that a reader sees the first one first. */
const timeName = (at: EpochMillis): string => String(Math.floor(at * 1_000)).padStart(MICROSECONDS_DIGITS, '0');

const digestOf = (packed: Uint8Array): string => createHash('sha256').update(packed).digest('base64url').slice(0, 12);

/** One finding of each port, from items in the order of their keys. */
export const findingsOf = (items: Iterable<FindingsItem>): Finding[] =>
  joinAll([...items].flatMap(({ findings }) => unpackFindings(findings)));
