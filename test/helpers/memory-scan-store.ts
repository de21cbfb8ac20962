import { type ChunkCoverage, distanceToEnd } from '../../shared/domain/coverage.ts';
import { errorValue, PortfleetError } from '../../shared/domain/errors.ts';
import { type Finding, joinFindings } from '../../shared/domain/finding.ts';
import type { Scan } from '../../shared/domain/scan.ts';
import { isOver, mayBecome, type ScanStatus } from '../../shared/domain/scan-status.ts';
import type { TimingHints } from '../../shared/domain/timing-hints.ts';
import type { Address, ChunkNumber, EpochMillis, ScanId } from '../../shared/domain/units.ts';
import { joinAll } from '../../shared/records/packed-findings.ts';
import type { NodeSlots, ScanStore, TreeNode } from '../../shared/seams/scan-store.ts';

interface Shelf {
  scan: Scan;
  reopenedBy?: string;
  readonly findings: Map<ChunkNumber, Map<string, Finding>>;
  readonly coverage: Map<ChunkNumber, ChunkCoverage>;
  readonly idle: Map<ChunkNumber, number>;
  readonly learnt: Map<Address, TimingHints>;
  /** Whether each slot of a node failed. */
  readonly nodes: Map<string, Map<number, boolean>>;
}

/** The seam in the plainest words there are; the contract suite holds every other store to the same behaviour. */
export function makeMemoryScanStore(): ScanStore {
  const shelves = new Map<ScanId, Shelf>();
  const shelfOf = (id: ScanId): Shelf => {
    const shelf = shelves.get(id);
    if (!shelf)
      throw new PortfleetError([errorValue('SCAN_NOT_FOUND', `The scan ${id} is not in the store (any more).`)]);
    return shelf;
  };
  const move = (id: ScanId, from: ScanStatus, to: ScanStatus, at: EpochMillis, more: Partial<Scan> = {}): boolean => {
    if (!mayBecome(from, to)) throw new RangeError(`a scan never goes from ${from} to ${to}`);
    const shelf = shelves.get(id);
    if (shelf?.scan.status !== from) return false;
    shelf.scan = { ...shelf.scan, ...more, status: to, finishedAt: isOver(to) ? at : null };
    return true;
  };

  return {
    createScan: async (scan) => {
      if (shelves.has(scan.id)) return false;
      shelves.set(scan.id, {
        scan,
        findings: new Map(),
        coverage: new Map(),
        idle: new Map(),
        learnt: new Map(),
        nodes: new Map(),
      });
      return true;
    },
    readScan: async (id) => shelves.get(id)?.scan,
    listScans: async ({ limit, cursor, prefix = '' }) => {
      const matching = [...shelves.keys()].filter((id) => id.startsWith(prefix)).sort();
      const rest = matching.reverse().filter((id) => cursor === undefined || id < cursor);
      const items = rest.slice(0, limit).map((id) => shelfOf(id).scan);
      return { items, cursor: rest.length > limit ? (items.at(-1)?.id ?? null) : null };
    },
    changeStatus: async (id, from, to, at) => move(id, from, to, at),
    finishScan: async (id, to, summary, at) => move(id, 'finalizing', to, at, { summary }),
    failScan: async (id, from, failure, at) => move(id, from, 'failed', at, { failure }),
    reopenScan: async (id, from, by) => {
      const shelf = shelves.get(id);
      if (shelf?.scan.status === 'running' && shelf.reopenedBy === by) return true;
      if (shelf?.scan.status !== from) return false;
      const { failure: _, ...scan } = shelf.scan;
      shelf.scan = { ...scan, status: 'running', summary: null, finishedAt: null };
      shelf.reopenedBy = by;
      return true;
    },
    deleteScan: async (id) => {
      shelves.delete(id);
    },

    putFindings: async (id, chunk, findings) => {
      const known = entry(shelfOf(id).findings, chunk, () => new Map<string, Finding>());
      for (const finding of findings) {
        const key = `${finding.address} ${finding.protocol}/${finding.port}`;
        known.set(key, joinFindings(known.get(key) ?? finding, finding));
      }
    },
    compactFindings: async () => {},
    readFindings: async (id, chunk) => joinAll(shelves.get(id)?.findings.get(chunk)?.values() ?? []),
    putCoverage: async (id, coverage) => {
      const records = shelfOf(id).coverage;
      const stored = records.get(coverage.chunk);
      if (stored && distanceToEnd(stored.runs) < distanceToEnd(coverage.runs)) return;
      const { idle = 0, ...record } = coverage;
      records.set(coverage.chunk, record);
      shelfOf(id).idle.set(coverage.chunk, idle);
    },
    replaceCoverage: async (id, { idle = 0, ...record }) => {
      shelfOf(id).coverage.set(record.chunk, record);
      shelfOf(id).idle.set(record.chunk, idle);
    },
    readCoverage: async (id, chunk) => {
      const shelf = shelves.get(id);
      const [record, idle] = [shelf?.coverage.get(chunk), shelf?.idle.get(chunk)];
      return record && (idle ? { ...record, idle } : record);
    },
    countDelivery: async (id, chunk) => {
      const { idle } = shelfOf(id);
      idle.set(chunk, (idle.get(chunk) ?? 0) + 1);
      return idle.get(chunk) ?? 0;
    },

    readTimingHints: async (id, address) => shelves.get(id)?.learnt.get(address),
    putTimingHints: async (id, learnt) => {
      shelfOf(id).learnt.set(learnt.address, learnt);
    },

    addToNode: async (id, node, slot, failed) => {
      const slots = entry(shelfOf(id).nodes, nameOf(node), () => new Map<number, boolean>());
      slots.set(slot, failed && slots.get(slot) !== false);
      return nodeSlots(slots);
    },
    removeFromNode: async (id, node, slots) => {
      for (const slot of slots) shelfOf(id).nodes.get(nameOf(node))?.delete(slot);
    },
    readNode: async (id, node) => nodeSlots(shelves.get(id)?.nodes.get(nameOf(node)) ?? new Map()),

    close: async () => {},
  };
}

/** What the map has under that key, put there first if need be. */
function entry<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

const nameOf = ({ level, index }: TreeNode): string => `${level}/${index}`;

const nodeSlots = (slots: ReadonlyMap<number, boolean>): NodeSlots => ({
  done: new Set(slots.keys()),
  failed: new Set([...slots].flatMap(([slot, failed]) => (failed ? [slot] : []))),
});
