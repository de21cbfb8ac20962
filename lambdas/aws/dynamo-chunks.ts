import { createHash } from 'node:crypto';
import { type AskTally, type ChunkCoverage, countCoverage } from '../../shared/domain/coverage.ts';
import type { Finding } from '../../shared/domain/finding.ts';
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

/**
 * Findings that are written at once lie in one item, because a host that accepts on every port has 65,535 of them. The
 * key is a digest of the content, so a write that is repeated changes nothing.
 */
function* findingItems(id: ScanId, chunk: ChunkNumber, findings: readonly Finding[], expires: number): Generator<Item> {
  for (let from = 0; from < findings.length; from += FINDINGS_PER_ITEM) {
    const content = JSON.stringify(findings.slice(from, from + FINDINGS_PER_ITEM));
    const digest = createHash('sha256').update(content).digest('base64url').slice(0, 22);
    const key = { pk: chunkPartition(id, chunk), sk: `${findingsPrefix(chunk)}${digest}` };
    yield { ...keyItem(key), findings: text(content), expires: number(expires) };
  }
}

/** A chunk that was delivered twice may have seen a port twice. The earlier sight stays, in whichever order they come. */
function keepFirst(known: Map<string, Finding>, finding: Finding): void {
  const key = `${finding.address} ${finding.protocol}/${finding.port}`;
  const before = known.get(key);
  if (!before || finding.seenAt < before.seenAt) known.set(key, finding);
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
