import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type LocalNode, openLocalNode } from '../../local/local-node.ts';
import { makeScanRunner, type RunnerDeps, type ScanRunner } from '../../local/serve/scan-runner.ts';
import { errorValue, PortfleetError } from '../../shared/domain/errors.ts';
import type { Scan } from '../../shared/domain/scan.ts';
import { millis, type ScanId } from '../../shared/domain/units.ts';
import { systemClock } from '../../shared/net/system-clock.ts';
import { sampleScan } from '../helpers/sample-scan.ts';
import { tempDir } from '../helpers/temp-dir.ts';

const BY_API = { caller: 'local', sourceAddress: '127.0.0.1' };

interface Bench {
  readonly node: LocalNode;
  readonly runner: ScanRunner;
  /** Runs under way, which the test ends by hand. */
  readonly running: Map<ScanId, (after: 'complete' | Error) => void>;
  /** Scans in the order in which their runs began. */
  readonly begun: readonly { readonly id: ScanId; readonly start: string }[];
  keep(more?: Partial<Scan>): Promise<ScanId>;
  /** Resolves when the log has so many lines of that event. */
  logged(event: string, times: number): Promise<void>;
}

/** The real store; a run is whatever the test says, unless a worker module is given. */
function bench(workerModule?: string): Bench {
  const node = openLocalNode(tempDir());
  onTestFinished(() => node.close());
  const running: Bench['running'] = new Map();
  const begun: { id: ScanId; start: string }[] = [];
  const events: string[] = [];
  let heard: () => void = () => {};
  const note = (event: string): void => {
    events.push(event);
    heard();
  };
  const byHand: LocalNode['run'] = (scan, { start, signal }) =>
    new Promise((resolve, reject) => {
      begun.push({ id: scan.id, start });
      running.set(scan.id, (after) => {
        running.delete(scan.id);
        if (after instanceof Error) reject(after);
        else resolve({ ...scan, status: after });
      });
      signal.addEventListener('abort', () => resolve(scan));
      note('begun');
    });
  const deps: RunnerDeps = {
    node: workerModule === undefined ? { ...node, run: byHand } : node,
    clock: systemClock,
    log: { info: note, warn: note },
    workers: 1,
    workerModule: workerModule ?? '',
    pause: millis(1),
  };
  return {
    node,
    running,
    begun,
    runner: makeScanRunner(deps),
    async keep(more) {
      const scan = sampleScan({ submittedBy: BY_API, ...more });
      await node.store.createScan(scan);
      return scan.id;
    },
    async logged(event, times) {
      while (events.filter((each) => each === event).length < times) {
        await new Promise<void>((resolve) => {
          heard = resolve;
        });
      }
    },
  };
}

describe('The runner of a server', () => {
  it('runs two scans at once and the others after them, in the order in which they came', async () => {
    const { runner, running, begun, keep, logged } = bench();
    const ids = [await keep(), await keep(), await keep(), await keep()];
    for (const id of ids) runner.enqueue(id);
    await logged('begun', 2);
    expect([...running.keys()]).toEqual(ids.slice(0, 2));
    running.get(ids[1] ?? ('' as ScanId))?.('complete');
    await logged('begun', 3);
    expect([...running.keys()]).toEqual([ids[0], ids[2]]);
    running.get(ids[0] ?? ('' as ScanId))?.('complete');
    await logged('begun', 4);
    expect(begun.map(({ id }) => id)).toEqual(ids);
  });

  it('runs a scan once, though it is put in line twice', async () => {
    const { runner, running, begun, keep, logged } = bench();
    const [first, second] = [await keep(), await keep()];
    for (const id of [first, first, second, first]) runner.enqueue(id);
    await logged('begun', 2);
    running.get(first)?.('complete');
    await logged('scan-ended', 1);
    expect(begun.map(({ id }) => id)).toEqual([first, second]);
  });

  it('sends a planned scan out before it runs it, and never begins one that was cancelled while it waited', async () => {
    const { node, runner, running, begun, keep, logged } = bench();
    const ids = [await keep(), await keep(), await keep(), await keep()] as const;
    for (const id of ids) runner.enqueue(id);
    await logged('begun', 2);
    expect((await node.store.readScan(ids[0]))?.status).toBe('running');
    expect(await node.queueOf(ids[0]).depth()).toBe(1);
    expect((await node.store.readScan(ids[2]))?.status).toBe('planned');
    await node.store.changeStatus(ids[2], 'planned', 'cancelled', systemClock.wall());
    running.get(ids[0])?.('complete');
    await logged('begun', 3);
    expect(begun.map(({ id }) => id)).toEqual([ids[0], ids[1], ids[3]]);
  });

  it('resumes what came through the API and is not over, oldest first, and leaves the rest to its owner', async () => {
    const { node, runner, begun, keep, logged } = bench();
    const running = await keep({ status: 'running' });
    await keep({ status: 'complete' });
    const byCommand = sampleScan({ status: 'running' });
    await node.store.createScan(byCommand);
    const planned = await keep();
    expect(await runner.resume()).toBe(2);
    await logged('begun', 2);
    expect(begun).toEqual([
      { id: running, start: 'resumed' },
      { id: planned, start: 'new' },
    ]);
  });

  it('leaves a scan alone that another process runs', async () => {
    const { runner, running, begun, keep, logged } = bench();
    const id = await keep();
    runner.enqueue(id);
    await logged('begun', 1);
    running.get(id)?.(new PortfleetError([errorValue('SCAN_ALREADY_RUNNING', 'Process 7 has it.')]));
    await logged('scan-failed', 1);
    await runner.stop();
    expect(begun).toHaveLength(1);
  });

  it('tries a scan again whose fleet failed', async () => {
    const { runner, running, begun, keep, logged } = bench();
    const id = await keep();
    runner.enqueue(id);
    await logged('begun', 1);
    running.get(id)?.(new Error('no memory'));
    await logged('begun', 2);
    running.get(id)?.('complete');
    await logged('scan-ended', 1);
    expect(begun).toEqual([
      { id, start: 'new' },
      { id, start: 'resumed' },
    ]);
  });

  it('ends a scan with gaps, instead of never, that no fleet can run', async () => {
    const stillborn = join(tempDir(), 'worker.mjs');
    writeFileSync(stillborn, 'process.exit(1);');
    const { node, runner, keep, logged } = bench(stillborn);
    const id = await keep({ ...sampleScan({ chunks: 3 }), id: sampleScan().id, submittedBy: BY_API });
    runner.enqueue(id);
    await logged('scan-given-up', 1);
    const after = await node.store.readScan(id);
    expect(after?.status).toBe('complete-with-gaps');
    expect(after?.summary).toMatchObject({ settled: {}, unprobed: { 'unprobed/chunk-failed': 65_535 }, pending: 0 });
  });

  it('stops by ending its runs, and begins no other', async () => {
    const { runner, begun, keep, logged } = bench();
    const ids = [await keep(), await keep(), await keep()];
    for (const id of ids) runner.enqueue(id);
    await logged('begun', 2);
    await runner.stop();
    runner.enqueue(await keep());
    expect(begun).toHaveLength(2);
  });
});
