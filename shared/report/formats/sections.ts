import type { HostReport, Report } from '../../domain/report.ts';
import type { EpochMillis } from '../../domain/units.ts';
import type { Expected } from '../expectations/expect.ts';

/** How the row of items ended: all were written, the reader was interrupted, or the store failed underway. */
export type Ending =
  | { readonly kind: 'finished' }
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'failed'; readonly message: string };

/**
 * A format, as three pieces of text. `writeSections` calls `head` once, `item` for each item (a host, as a rule), and
 * `tail` once, whatever happens between. So a document that has begun is always closed.
 */
export interface Sections<Item> {
  head(): Iterable<string>;
  item(item: Item): Iterable<string>;
  tail(ending: Ending): Iterable<string>;
}

/** One write for so many characters: a pipe of Linux takes 64 KiB at once, and UTF-8 may need three bytes for one. */
const BATCH = 16_384;

/**
 * The document in pieces of about 16 KiB. Memory is that of the largest item.
 *
 *   head ──▶ item ──▶ item ──▶ … ──▶ tail(finished)
 *              │ signal aborted, even while the next item is awaited ──▶ tail(interrupted)
 *              │ reading items failed ──▶ tail(failed), then the error is thrown on
 */
export async function* writeSections<Item>(
  items: AsyncIterable<Item>,
  sections: Sections<Item>,
  signal?: AbortSignal,
): AsyncGenerator<string, void, void> {
  // Not with the first item, which may be a host of 65,535 open ports: whoever waits is to see that it begins.
  const head = [...sections.head()].join('');
  if (head !== '') yield head;
  yield* inBatches(pieces(items, sections, signal));
}

async function* pieces<Item>(
  items: AsyncIterable<Item>,
  sections: Sections<Item>,
  signal: AbortSignal | undefined,
): AsyncGenerator<string, void, void> {
  try {
    for await (const item of untilAborted(items, signal)) yield* sections.item(item);
  } catch (error) {
    yield* sections.tail({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
    throw error;
  }
  yield* sections.tail({ kind: signal?.aborted ? 'interrupted' : 'finished' });
}

async function* untilAborted<Item>(
  items: AsyncIterable<Item>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Item, void, void> {
  const iterator = items[Symbol.asyncIterator]();
  try {
    while (!signal?.aborted) {
      const next = await (signal ? nextUnlessAborted(iterator, signal) : iterator.next());
      if (next === 'aborted' || next.done) return;
      yield next.value;
    }
  } finally {
    const closed = iterator.return?.();
    // A generator stuck in a read answers `return` only after it, which may be never.
    if (signal?.aborted) closed?.catch(() => undefined);
    else await closed;
  }
}

/**
 * A race that leaves nothing behind: `Promise.race` against one promise of the abort would hang a reaction on it for
 * every item, and keep every item with it.
 */
function nextUnlessAborted<Item>(
  iterator: AsyncIterator<Item>,
  signal: AbortSignal,
): Promise<IteratorResult<Item> | 'aborted'> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => resolve('aborted');
    signal.addEventListener('abort', onAbort, { once: true });
    iterator
      .next()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', onAbort));
  });
}

async function* inBatches(texts: AsyncIterable<string>): AsyncGenerator<string, void, void> {
  let batch = '';
  try {
    for await (const text of texts) {
      batch += text;
      if (batch.length < BATCH) continue;
      yield batch;
      batch = '';
    }
  } catch (error) {
    if (batch !== '') yield batch;
    throw error;
  }
  if (batch !== '') yield batch;
}

/** What a report needs to know beside the scan itself. Nothing here changes what was found. */
export interface FormatOptions {
  /** Leaves out closed and filtered ports, and hosts without an open one. Counts and coverage stay whole. */
  readonly openOnly: boolean;
  /** IANA name of the zone for times that people read: "Europe/Vienna", or "UTC" for --utc. Machines get UTC, always. */
  readonly timeZone: string;
  /** What may be open, for the formats that pass or fail a scan. */
  readonly expected?: Expected;
  /** Columns of the terminal that people read it on; left out, it may be as wide as it is. */
  readonly width?: number | undefined;
  /** Where a browser finds the style of XML; null for none, our own when left out. */
  readonly stylesheet?: string | null | undefined;
  /** The command line, for the headers that nmap's formats have. */
  readonly args: string;
  /** The version of this program. */
  readonly version: string;
  /** When the report is written. */
  readonly now: EpochMillis;
  /** Ends the report early but in form: no further host is taken, and the closing lines are written. */
  readonly signal?: AbortSignal;
}

/** A format of a report: what it writes before the hosts, for each, and after them. */
export type MakeSections = (report: Pick<Report, 'scan' | 'summary'>, options: FormatOptions) => Sections<HostReport>;
