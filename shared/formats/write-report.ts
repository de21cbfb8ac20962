import type { HostReport, Report } from '../domain/report.ts';
import { isSettled } from '../domain/verdict.ts';
import type { FormatOptions } from './format-options.ts';

/** How the row of hosts ended: all were written, the reader was interrupted, or the store failed underway. */
export type Ending =
  | { readonly kind: 'finished' }
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'failed'; readonly message: string };

/**
 * A format, as three pieces of text. `writeReport` calls `head` once, `host` for each host, and `tail` once, whatever
 * happens between. So a document that has begun is always closed.
 */
export interface Sections {
  head(): Iterable<string>;
  host(host: HostReport): Iterable<string>;
  tail(ending: Ending): Iterable<string>;
}

export type MakeSections = (report: Pick<Report, 'scan' | 'summary'>, options: FormatOptions) => Sections;

/** One write for so many characters: a pipe of Linux takes 64 KiB at once, and UTF-8 may need three bytes for one. */
const BATCH = 16_384;

/**
 * The report as text, in pieces of about 16 KiB. Memory is that of the largest host.
 *
 *   head ──▶ host ──▶ host ──▶ … ──▶ tail(finished)
 *              │ signal aborted, even while the next host is awaited ──▶ tail(interrupted)
 *              │ reading hosts failed ──▶ tail(failed), then the error is thrown on
 */
export async function* writeReport(
  report: Report,
  makeSections: MakeSections,
  options: FormatOptions,
): AsyncGenerator<string, void, void> {
  yield* inBatches(pieces(report, makeSections(report, options), options));
}

async function* pieces(report: Report, sections: Sections, options: FormatOptions): AsyncGenerator<string, void, void> {
  yield* sections.head();
  try {
    for await (const host of untilAborted(report.hosts, options.signal)) {
      const shown = options.openOnly ? onlyOpen(host) : host;
      if (shown) yield* sections.host(shown);
    }
  } catch (error) {
    yield* sections.tail({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
    throw error;
  }
  yield* sections.tail({ kind: options.signal?.aborted ? 'interrupted' : 'finished' });
}

/** The host without what --open leaves out, or undefined when nothing of it is open. */
function onlyOpen(host: HostReport): HostReport | undefined {
  if (host.findings.length === 0) return undefined;
  return { ...host, runs: host.runs.filter(({ verdict }) => !isSettled(verdict) || verdict.startsWith('open')) };
}

async function* untilAborted(
  hosts: AsyncIterable<HostReport>,
  signal: AbortSignal | undefined,
): AsyncGenerator<HostReport, void, void> {
  const iterator = hosts[Symbol.asyncIterator]();
  const aborted = whenAborted(signal);
  try {
    while (!signal?.aborted) {
      const next = await Promise.race([iterator.next(), aborted.promise]);
      if (next === 'aborted' || next.done) return;
      yield next.value;
    }
  } finally {
    aborted.forget();
    const closed = iterator.return?.();
    // A generator stuck in a read answers `return` only after it, which may be never.
    if (signal?.aborted) closed?.catch(() => undefined);
    else await closed;
  }
}

function whenAborted(signal: AbortSignal | undefined): { promise: Promise<'aborted'>; forget: () => void } {
  const { promise, resolve } = withResolvers<'aborted'>();
  const onAbort = (): void => resolve('aborted');
  signal?.addEventListener('abort', onAbort, { once: true });
  return { promise, forget: () => signal?.removeEventListener('abort', onAbort) };
}

/** `Promise.withResolvers`, which Node 20 lacks. */
function withResolvers<Value>(): { promise: Promise<Value>; resolve: (value: Value) => void } {
  let resolve: (value: Value) => void = () => undefined;
  const promise = new Promise<Value>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
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
