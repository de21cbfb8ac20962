import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { type Finding, joinFindings } from '../../../shared/domain/finding.ts';
import type { EpochMillis } from '../../../shared/domain/units.ts';
import type { Clock } from '../../../shared/seams/clock.ts';
import type { ScanStore } from '../../../shared/seams/scan-store.ts';
import { chunkPartition, findingsPrefix } from './keys.ts';
import type { Retention } from './retention.ts';
import type { Item, Table } from './table.ts';

type Findings = Pick<ScanStore, 'putFindings' | 'readFindings'>;

interface FindingsAttributes {
  /** Deflated JSON. */
  readonly findings: Uint8Array;
  readonly expires: number;
}

export type FindingsItem = Item<FindingsAttributes>;

export function makeFindings(table: Table, retention: Retention, clock: Pick<Clock, 'wall'>): Findings {
  return {
    putFindings: async (id, chunk, findings) => {
      const [pk, expires] = [chunkPartition(id, chunk), retention.expires()];
      const batches = [...findingBatches(findings, clock.wall())];
      await table.putAll(
        batches.map(({ name, packed }) => ({ pk, sk: `${findingsPrefix(chunk)}${name}`, findings: packed, expires })),
      );
    },
    readFindings: async (id, chunk) => {
      const items: FindingsItem[] = [];
      const stored = table.query<FindingsAttributes>(chunkPartition(id, chunk), { prefix: findingsPrefix(chunk) });
      for await (const item of stored) items.push(item);
      return findingsOf(items);
    },
  };
}

/** Findings for one item, and what its key ends with. */
interface FindingBatch {
  readonly name: string;
  readonly packed: Uint8Array;
}

/** Some 120 characters each, 12 KB together, which deflated are two write units. */
const FINDINGS_PER_ITEM = 100;

/** A port may have said 4,096 bytes, which JSON can make six times as many; deflated, this stays far below 400 KB. */
const CHARACTERS_PER_ITEM = 200_000;

/**
 * Findings that are written at once lie in one item, because a host that accepts on every port has 65,535 of them. The
 * key begins with the time of the write, so that a reader sees the first one first.
 */
function* findingBatches(findings: readonly Finding[], at: EpochMillis): Generator<FindingBatch> {
  let [some, characters]: [string[], number] = [[], 0];
  for (const finding of findings) {
    const line = JSON.stringify(finding);
    if (some.length === FINDINGS_PER_ITEM || (some.length > 0 && characters + line.length > CHARACTERS_PER_ITEM)) {
      yield batchOf(some, at);
      [some, characters] = [[], 0];
    }
    some.push(line);
    characters += line.length;
  }
  if (some.length > 0) yield batchOf(some, at);
}

/** Microseconds since 1970 in 16 digits sort as text until the year 2286. */
const MICROSECONDS_DIGITS = 16;

function batchOf(lines: readonly string[], at: EpochMillis): FindingBatch {
  const content = `[${lines.join(',')}]`;
  const digest = createHash('sha256').update(content).digest('base64url').slice(0, 12);
  const time = String(Math.floor(at * 1_000)).padStart(MICROSECONDS_DIGITS, '0');
  return { name: `${time}.${digest}`, packed: deflateRawSync(content) };
}

/** One finding of each port, from items in the order of their keys. */
export function findingsOf(items: Iterable<FindingsItem>): Finding[] {
  const known = new Map<string, Finding>();
  for (const item of items) {
    for (const finding of JSON.parse(inflateRawSync(item.findings).toString()) as Finding[]) {
      const key = `${finding.address} ${finding.protocol}/${finding.port}`;
      known.set(key, joinFindings(known.get(key) ?? finding, finding));
    }
  }
  return [...known.values()];
}
