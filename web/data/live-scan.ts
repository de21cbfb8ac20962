import { type Signal, signal } from '@preact/signals';
import type { FindingResource } from '../../shared/api/resources/port-resource.ts';
import type { ScanResource } from '../../shared/api/resources/scan-resource.ts';
import { isOver } from '../../shared/domain/scan-status.ts';
import { ApiError, api } from './api.ts';
import { type ChunkCells, makeCellBuilder } from './chunk-cells.ts';
import { compareFindings } from './findings.ts';

/** A scan as the page follows it. Every view is drawn from this; `revision` rises when anything in it changed. */
export interface LiveScan {
  readonly id: string;
  readonly scan: Signal<ScanResource | null>;
  readonly revision: Signal<number>;
  /** Set while the server cannot be reached or refuses us; following goes on by itself. */
  readonly trouble: Signal<ApiError | null>;
  /** Why the last action on the scan was refused. */
  readonly refused: Signal<ApiError | null>;
  chunks(): readonly ChunkCells[];
  findings(): readonly FindingResource[];
  /** Chunks that the page does not hold, because the scan is too large to draw whole. */
  chunksLeftOut(): number;
  /** Asks for the state of the scan now, without waiting for the next turn. */
  refresh(): void;
  /** Begins from what is stored: for a scan that was over and runs again. */
  restart(): void;
  close(): void;
}

/**
 * Chunks that are followed one by one. Four thousand hosts in whole chunks, or 64 hosts with every port, are fewer; a
 * larger scan is shown as far as that, and said to be cut.
 */
const MOST_CHUNKS = 4_096;

/** Bytes of cells held at once: 4,096 hosts with a thousand ports each take 4 MB. */
const MOST_CELLS = 2 ** 25;

const CHUNKS_PER_PAGE = 64;

/** Between two looks at a scan where the server does not push: a request to a fleet costs a fraction of a cent in an hour. */
const POLL_MS = 2_000;

/** While the server is away. */
const RETRY_MS = 1_000;

/**
 *   loading ──▶ following ──▶ over ── restart ──▶ loading
 *      ▲            │
 *      └── trouble ◀┘   every turn begins from what the store holds, so nothing is missed and nothing counted twice
 */
export function followScan(id: string, live: 'events' | 'poll'): LiveScan {
  const scan = signal<ScanResource | null>(null);
  const revision = signal(0);
  const trouble = signal<ApiError | null>(null);
  const refused = signal<ApiError | null>(null);
  const cells = new Map<number, HeldCells>();
  let turns = makeTurns(id, live);
  let findings: readonly FindingResource[] | null = null;
  let mostChunks = 0;
  const changed = (): void => {
    findings = null;
    revision.value += 1;
  };
  const read = async (): Promise<ScanResource> => {
    const now = await api.scan(id);
    scan.value = now;
    mostChunks = Math.min(now.plan.geometry.chunks, MOST_CHUNKS, Math.floor(MOST_CELLS / sizeOfChunk(now)));
    await readChunks(id, now, cells, mostChunks, changed);
    changed();
    return now;
  };
  void follow(turns, read, trouble);
  return {
    id,
    scan,
    revision,
    trouble,
    refused,
    chunks: () => [...cells.values()].sort((a, b) => a.number - b.number),
    findings: () => {
      findings ??= [...cells.values()].flatMap(({ open }) => open).sort(compareFindings);
      return findings;
    },
    chunksLeftOut: () => (scan.value?.plan.geometry.chunks ?? 0) - mostChunks,
    refresh: () => turns.wake(),
    restart() {
      turns.close();
      cells.clear();
      refused.value = null;
      turns = makeTurns(id, live);
      void follow(turns, read, trouble);
    },
    close: () => turns.close(),
  };
}

/** Looks, turn by turn, until the scan is over. */
async function follow(
  turns: Turns,
  read: () => Promise<ScanResource>,
  trouble: Signal<ApiError | null>,
): Promise<void> {
  while (!turns.closed()) {
    try {
      const { status } = await read();
      trouble.value = null;
      if (isOver(status)) return turns.close();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      trouble.value = error;
      if (error.faults.some(({ code }) => FINAL.includes(code))) return turns.close();
    }
    await turns.next();
  }
}

/** No later look would find what is gone or damaged; everything else may be mended while the page is open. */
const FINAL: readonly string[] = ['SCAN_NOT_FOUND', 'SCAN_DAMAGED'];

interface Turns {
  /** Resolves when it is time to look again. */
  next(): Promise<void>;
  wake(): void;
  closed(): boolean;
  close(): void;
}

/** When to look at the scan: on an event, when the page is seen again, and after a while in any case. */
function makeTurns(id: string, live: 'events' | 'poll'): Turns {
  const closing = new AbortController();
  let due = false;
  let resume: (() => void) | null = null;
  const wake = (): void => {
    due = true;
    resume?.();
  };
  const stopListening = live === 'events' ? listen(id, wake) : () => {};
  // A laptop that wakes up, and a tab that is looked at again, want the present state and not that of the next turn.
  const options = { signal: closing.signal };
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && wake(), options);
  return {
    wake,
    closed: () => closing.signal.aborted,
    close() {
      closing.abort();
      stopListening();
      wake();
    },
    async next() {
      if (!due) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, live === 'poll' ? POLL_MS : RETRY_MS);
          resume = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      due = false;
      resume = null;
    },
  };
}

const sizeOfChunk = ({ plan: { geometry } }: ScanResource): number =>
  geometry.kind === 'whole' ? geometry.size * geometry.portCount : geometry.size;

/**
 * A chunk without pending probes changes no more, except that its open ports may still get a service, and its hosts a
 * name. Of a scan that is over, what was read before its end is read once more.
 */
function isSettled({ pending, open, readWhenOver }: HeldCells, { plan, status }: ScanResource): boolean {
  if (readWhenOver || pending > 0) return readWhenOver;
  const { detect, reverseNames } = plan;
  if (isOver(status)) return detect === 'none' && !reverseNames;
  return detect === 'none' || open.every(({ banner }) => banner !== undefined);
}

/** Cells, and whether they were read after the end of the scan. */
type HeldCells = ChunkCells & { readonly readWhenOver: boolean };

/** Reads the chunks that may have changed: those the page does not hold yet, and those with pending probes. */
async function readChunks(
  id: string,
  scan: ScanResource,
  cells: Map<number, HeldCells>,
  most: number,
  changed: () => void,
): Promise<void> {
  const build = makeCellBuilder(scan.plan);
  for (let from = 0; from < most; ) {
    const held = cells.get(from);
    if (held && isSettled(held, scan)) {
      from += 1;
      continue;
    }
    const page = await api.chunks(id, from, Math.min(CHUNKS_PER_PAGE, stretch(cells, from, most, scan)));
    for (const item of page.items) cells.set(item.chunk, { ...build(item), readWhenOver: isOver(scan.status) });
    changed();
    from = page.next ?? most;
  }
}

/** How many chunks from `from` on are worth reading together. */
function stretch(cells: ReadonlyMap<number, HeldCells>, from: number, most: number, scan: ScanResource): number {
  let to = from;
  for (let held = cells.get(to); to < most && !(held && isSettled(held, scan)); held = cells.get(to)) to += 1;
  return Math.max(1, to - from);
}

/** Server-sent events say only that something changed; what, the page reads itself. The browser reconnects by itself. */
function listen(id: string, changed: () => void): () => void {
  const source = new EventSource(`/events/${id}`);
  source.addEventListener('changed', changed);
  source.addEventListener('over', () => {
    changed();
    source.close();
  });
  return () => source.close();
}
