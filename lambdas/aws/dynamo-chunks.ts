import { createHash } from 'node:crypto';
import { type AskTally, type ChunkCoverage, countCoverage } from '../../shared/domain/coverage.ts';
import { type Finding, joinFindings } from '../../shared/domain/finding.ts';
import type { ChunkNumber, ScanId } from '../../shared/domain/units.ts';
import type { Verdict } from '../../shared/domain/verdict.ts';
import type { ScanStore } from '../../shared/seams/scan-store.ts';
import { bytes, bytesOf, type Item, keyItem, number, text, textOf } from './attributes.ts';
import { packRuns, unpackRuns } from './coverage-codes.ts';
import { chunkPartition, coverageKey, findingsPrefix } from './keys.ts';
import type { Retention } from './retention.ts';
import type { Table } from './table.ts';

type Chunks = Pick<ScanStore, 'putFindings' | 'readFindings' | 'putCoverage' | 'readCoverage'>;

export function makeChunks(table: Table, retention: Retention): Chunks {
  return {
    putFindings: (id, chunk, findings) => table.putAll([...findingItems(id, chunk, findings, retention.expires())]),
    readFindings: async (id, chunk) => {
      const first = new Map<string, Finding>();
      for await (const item of table.query(chunkPartition(id, chunk), { prefix: findingsPrefix(chunk) })) {
        for (const finding of JSON.parse(textOf(item, 'findings') ?? '[]') as Finding[]) keepFirst(first, finding);
      }
      return [...first.values()];
    },
    putCoverage: async (id, coverage) => {
      await table.put(coverageItem(id, coverage, retention.expires()), {
        condition: 'attribute_not_exists(pk) OR pending >= :pending',
        values: { ':pending': number(countCoverage(coverage.runs).pending) },
      });
    },
    readCoverage: async (id, chunk) => {
      const item = await table.get(coverageKey(id, chunk));
      return item && coverageOf(chunk, item);
    },
  };
}

/** About 120 bytes each: an item of up to 12 KB, whose price is by the KB and not by the finding. */
const FINDINGS_PER_ITEM = 100;

/** An item has 400 KB at the most, and one finding, with a banner of 4 KB of which JSON makes six times as much, 50 KB. */
const CHARACTERS_PER_ITEM = 100_000;

/**
 * Findings that are written at once lie in one item, because a host that accepts on every port has 65,535 of them. The
 * key is a digest of the content, so a write that is repeated changes nothing.
 */
function* findingItems(id: ScanId, chunk: ChunkNumber, findings: readonly Finding[], expires: number): Generator<Item> {
  for (const content of inItems(findings)) {
    const digest = createHash('sha256').update(content).digest('base64url').slice(0, 22);
    const key = { pk: chunkPartition(id, chunk), sk: `${findingsPrefix(chunk)}${digest}` };
    yield { ...keyItem(key), findings: text(content), expires: number(expires) };
  }
}

/** The findings as JSON lists, none with too many nor too long. */
function* inItems(findings: readonly Finding[]): Generator<string> {
  let held: string[] = [];
  let length = 0;
  for (const finding of findings) {
    held.push(JSON.stringify(finding));
    length += held.at(-1)?.length ?? 0;
    if (held.length < FINDINGS_PER_ITEM && length < CHARACTERS_PER_ITEM) continue;
    yield `[${held.join(',')}]`;
    [held, length] = [[], 0];
  }
  if (held.length > 0) yield `[${held.join(',')}]`;
}

/** A chunk that was delivered twice may have seen a port twice. The earlier sight stays, in whichever order they come. */
function keepFirst(known: Map<string, Finding>, finding: Finding): void {
  const key = `${finding.address} ${finding.protocol}/${finding.port}`;
  const before = known.get(key) ?? finding;
  const [first, later] = finding.seenAt < before.seenAt ? [finding, before] : [before, finding];
  known.set(key, joinFindings(first, later));
}

/** `pending` is an attribute of its own because it decides whether the record may be replaced. */
function coverageItem(id: ScanId, { chunk, runs, tally }: ChunkCoverage, expires: number): Item {
  const { verdicts, codes } = packRuns(runs);
  return {
    ...keyItem(coverageKey(id, chunk)),
    pending: number(countCoverage(runs).pending),
    verdicts: text(JSON.stringify(verdicts)),
    codes: bytes(codes),
    tally: text(JSON.stringify(tally)),
    expires: number(expires),
  };
}

const coverageOf = (chunk: ChunkNumber, item: Item): ChunkCoverage => ({
  chunk,
  runs: unpackRuns({
    verdicts: JSON.parse(textOf(item, 'verdicts') ?? '[]') as Verdict[],
    codes: bytesOf(item, 'codes') ?? new Uint8Array(),
  }),
  tally: JSON.parse(textOf(item, 'tally') ?? 'null') as AskTally,
});
