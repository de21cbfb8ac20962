import { addressIndex } from '../../../shared/domain/addresses/address-set.ts';
import { type ChunkCoverage, codesOf, countCoverage } from '../../../shared/domain/coverage.ts';
import type { Finding } from '../../../shared/domain/finding.ts';
import type { Scan } from '../../../shared/domain/scan.ts';
import { isOver, mayBecome, type ScanStatus } from '../../../shared/domain/scan-status.ts';
import { type ChunkNumber, chunkNumber, type ScanId } from '../../../shared/domain/units.ts';
import { isSettled, type Verdict, verdictOf } from '../../../shared/domain/verdict.ts';
import { buildChunk, chunkSize } from '../../../shared/plan/split-chunks.ts';
import type { ScanStore } from '../../../shared/seams/scan-store.ts';

/** What was seen of one scan. */
interface Page {
  scan: Scan;
  readonly codes: Map<number, Uint8Array>;
  /** Chunks that failed and are pending again. A resume that dies half-way leaves them so, for the next one. */
  readonly takenUp: Set<number>;
}

/** What a port of the world really is. */
export type Truth = (address: string, port: number) => 'open' | 'closed' | 'silent';

export interface Ledger {
  /** The store, every write of which is held to what may happen. */
  readonly store: ScanStore;
  readonly broken: readonly string[];
  /** Scans that may not be over, as the table has them. */
  readonly active: Set<ScanId>;
  onFinalizing: (id: ScanId) => void;
}

/**
 * Holds every write to the laws of the protocol, when it happens:
 *
 *   a status only moves as the picture says, and to finalizing only when no chunk has anything pending
 *   what is settled is as it is in truth; of a chunk ever less is pending, but for what failed and is taken up again
 *   what is found is open in truth, and stays
 *   a slot of the tree is filled only by a chunk, or a node, that has ended
 *   nothing is written about a scan that is over
 */
export function makeLedger(store: ScanStore, truth: Truth): Ledger {
  const pages = new Map<ScanId, Page>();
  const broken: string[] = [];
  const active = new Set<ScanId>();
  const hold = (isSo: boolean, what: string): void => {
    if (!isSo) broken.push(what);
  };
  const moved = (id: ScanId, from: ScanStatus, to: ScanStatus): void => {
    const page = pages.get(id);
    hold(mayBecome(from, to), `${id} went from ${from} to ${to}`);
    if (!page) return;
    page.scan = { ...page.scan, status: to };
    if (to !== 'finalizing') return;
    for (let chunk = 0; chunk < page.scan.plan.geometry.chunks; chunk++) {
      const codes = page.codes.get(chunk);
      const hasEnded = codes !== undefined && pendingOf(codes) === 0;
      hold(hasEnded || page.takenUp.has(chunk), `${id} is finalizing, and chunk ${chunk} has not ended`);
    }
    ledger.onFinalizing(id);
  };
  const covered = (id: ScanId, { chunk, runs }: ChunkCoverage, how: 'grows' | 'is taken up'): void => {
    const page = pages.get(id);
    const codes = page && codesOf(runs, chunkSize(page.scan.plan.geometry, chunk));
    hold(codes !== undefined, `the record of chunk ${chunk} is of no chunk`);
    if (!page || !codes) return;
    for (const { address, port, verdict } of verdictsOf(page.scan, chunk, codes)) {
      if (isSettled(verdict)) hold(fits(verdict, truth(address, port)), `${address} port ${port} is called ${verdict}`);
    }
    const before = page.codes.get(chunk);
    hold(how === 'is taken up' || !before || pendingOf(codes) <= pendingOf(before), `chunk ${chunk} has more pending`);
    page.codes.set(chunk, codes);
    if (how === 'is taken up') page.takenUp.add(chunk);
    else if (pendingOf(codes) === 0) page.takenUp.delete(chunk);
  };

  const ledger: Ledger = {
    broken,
    active,
    onFinalizing: () => {},
    store: {
      ...store,
      async createScan(scan) {
        active.add(scan.id);
        const created = await store.createScan(scan);
        if (created) pages.set(scan.id, { scan, codes: new Map(), takenUp: new Set() });
        return created;
      },
      async changeStatus(id, from, to, at) {
        const done = await store.changeStatus(id, from, to, at);
        if (done) moved(id, from, to);
        return done;
      },
      async finishScan(id, to, summary, at) {
        const done = await store.finishScan(id, to, summary, at);
        if (done) moved(id, 'finalizing', to);
        const mayBePending = to === 'complete-with-gaps' && (pages.get(id)?.takenUp.size ?? 0) > 0;
        if (done) hold(summary.pending === 0 || mayBePending, `${id} is ${to} with ${summary.pending} pending`);
        return done;
      },
      async failScan(id, from, reason, at) {
        const done = await store.failScan(id, from, reason, at);
        if (done) moved(id, from, 'failed');
        if (done) hold(reason.includes('could not be summed up in'), `${id} failed: ${reason}`);
        return done;
      },
      async reopenScan(id, from, by) {
        active.add(id);
        const done = await store.reopenScan(id, from, by);
        const page = pages.get(id);
        if (done && page) page.scan = { ...page.scan, status: 'running' };
        return done;
      },
      async putFindings(id, chunk, findings) {
        await store.putFindings(id, chunk, findings);
        for (const each of findings) {
          hold(truth(each.address, each.port) === 'open', `${nameOf(each)} was found, and is not open`);
        }
      },
      async putCoverage(id, coverage) {
        await store.putCoverage(id, coverage);
        const stored = await store.readCoverage(id, coverage.chunk);
        if (stored) covered(id, stored, 'grows');
      },
      async replaceCoverage(id, coverage) {
        await store.replaceCoverage(id, coverage);
        covered(id, coverage, 'is taken up');
      },
      async addToNode(id, node, slot, failed) {
        const page = pages.get(id);
        const codes = node.level === 1 && page?.codes.get(slot + node.index * 256);
        if (page && node.level === 1)
          hold(
            codes ? codes.every((code) => code !== 0) : false,
            `${id}: slot ${slot} is filled before its chunk has ended`,
          );
        return store.addToNode(id, node, slot, failed);
      },
    },
  };
  return ledger;
}

const pendingOf = (codes: Uint8Array): number => codes.reduce((sum, code) => (code === 0 ? sum + 1 : sum), 0);

/** Does the verdict say what is so? */
const fits = (verdict: Verdict, is: ReturnType<Truth>): boolean =>
  verdict.startsWith({ open: 'open/', closed: 'closed/', silent: 'filtered/' }[is]);

function verdictsOf({ plan }: Scan, number: ChunkNumber, codes: Uint8Array) {
  const { addresses, ports } = buildChunk(plan, number, addressIndex(plan.addresses).at);
  return addresses.flatMap((address, nth) =>
    [...ports].map(({ port }, at) => ({ address, port, verdict: verdictOf(codes[nth * ports.length + at] ?? 0) })),
  );
}

const nameOf = ({ address, protocol, port }: Finding): string => `${address} ${protocol}/${port}`;

/** At the end: every planned probe is told of once, and as it is in truth. */
export async function judgeReport(scan: Scan, store: ScanStore, truth: Truth): Promise<string[]> {
  const wrong: string[] = [];
  if (!isOver(scan.status)) wrong.push(`${scan.id} is still ${scan.status}`);
  for (let chunk = 0; chunk < scan.plan.geometry.chunks; chunk++) {
    const coverage = await store.readCoverage(scan.id, chunkNumber(chunk));
    const { pending = 1, settled = 0 } = coverage ? countCoverage(coverage.runs) : {};
    if (scan.status === 'complete' && pending > 0) wrong.push(`chunk ${chunk} has ${pending} pending`);
    const found = await store.readFindings(scan.id, chunkNumber(chunk));
    const isAll = coverage && settled === chunkSize(scan.plan.geometry, chunkNumber(chunk));
    if (isAll) {
      const open = coverage.runs.reduce(
        (sum, [length, verdict]) => (verdict.startsWith('open/') ? sum + length : sum),
        0,
      );
      if (open > found.length) wrong.push(`chunk ${chunk}: ${open} open ports, and ${found.length} findings`);
    }
    for (const each of found) if (truth(each.address, each.port) !== 'open') wrong.push(`${nameOf(each)} is not open`);
  }
  return wrong;
}
