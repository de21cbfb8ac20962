import { countCoverage, type Run } from '../domain/coverage.ts';
import type { Finding } from '../domain/finding.ts';
import type { NamesOfAddresses } from '../domain/reverse-names.ts';
import type { Scan } from '../domain/scan.ts';
import type { ScanStore } from '../seams/scan-store.ts';
import { type StoredChunk, storedChunks } from './host-reports.ts';

/** A chunk as it stands: what is known of every probe, in the order of the plan, and its open ports. */
export interface ChunkView {
  readonly chunk: number;
  readonly pending: number;
  readonly runs: readonly Run[];
  readonly open: readonly Finding[];
  /** Open ports of the chunk that `open` leaves out, because there are too many. */
  readonly openLeftOut: number;
  /** The names that DNS has for addresses of `open`; absent where none were found, or looked up. */
  readonly reverseNames?: NamesOfAddresses;
}

export interface ChunksPage {
  readonly items: readonly ChunkView[];
  /** Null on the last page. */
  readonly next: number | null;
}

/** Probes that one page may look at: a second's work, as for a page of ports. */
const PROBES_PER_PAGE = 2 ** 22;

/** Findings on a page: 2,000 with banners of 200 bytes are 1 MB of JSON. A chunk that alone has more leaves some out. */
const FINDINGS_PER_PAGE = 2_000;

/** Runs on a page; a chunk that is being probed in a shuffled order has a run for nearly every probe. */
const RUNS_PER_PAGE = 2 ** 18;

/**
 * Chunks from `from` on, at most `limit` of them. For a reader that draws every port: a chunk without pending probes
 * never changes again, so he asks again only for the others.
 */
export async function listChunks(
  scan: Scan,
  store: ScanStore,
  { from, limit }: { readonly from: number; readonly limit: number },
): Promise<ChunksPage> {
  const items: ChunkView[] = [];
  let [probes, findings, runs] = [0, 0, 0];
  for await (const stored of storedChunks(scan, store, from)) {
    const view = viewOf(stored);
    probes += stored.chunk.size;
    findings += view.open.length;
    runs += view.runs.length;
    const isOver = probes > PROBES_PER_PAGE || findings > FINDINGS_PER_PAGE || runs > RUNS_PER_PAGE;
    if (isOver && items.length > 0) return { items, next: view.chunk };
    items.push(view);
    if (items.length >= limit) break;
  }
  const next = from + items.length;
  return { items, next: next < scan.plan.geometry.chunks ? next : null };
}

function viewOf({ chunk, runs, findings, names }: StoredChunk): ChunkView {
  const open = findings.slice(0, FINDINGS_PER_PAGE);
  const named = open.flatMap(({ address }) => (names[address] ? [[address, names[address]] as const] : []));
  return {
    ...{ chunk: chunk.number, runs, open, pending: countCoverage(runs).pending },
    openLeftOut: findings.length - open.length,
    ...(named.length > 0 && { reverseNames: Object.fromEntries(named) }),
  };
}
