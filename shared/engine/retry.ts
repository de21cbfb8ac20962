import { millis } from '../domain/units.ts';
import { type UnprobedCause, verdictCode } from '../domain/verdict.ts';
import type { ChunkRun, ChunkTarget } from './chunk-run.ts';

/** After a fault of this machine, wait for the kernel to get its breath back: ten times a turn of a busy loop. */
const FAULT_PAUSE = 20;

/**
 * Faults that go on for so long, without one ask succeeding, will not hint themselves while we wait. Longer than any
 * round trip of the templates T3 to T5, so that sockets under way have given theirs back by then.
 */
const FAULT_PATIENCE = 15_000;

export function pauseAfterFault(run: ChunkRun, cause: UnprobedCause): void {
  const now = run.deps.clock.now();
  run.faults.cause = cause;
  run.faults.since ??= now;
  run.faults.pauseUntil = millis(now + FAULT_PAUSE);
}

/** When this machine's faults have outlasted all patience, says so of every probe that is left. */
export function giveUpOnFaults(run: ChunkRun): void {
  const { since, cause } = run.faults;
  if (since === null || run.asking.size > 0 || run.deps.clock.now() - since < FAULT_PATIENCE) return;
  const { codes } = run.work;
  for (let offset = 0; offset < codes.length; offset++) {
    if (codes[offset] === 0) codes[offset] = verdictCode(`unprobed/${cause}`);
  }
  run.unsettled = 0;
}

/**
 * Ports judged by fewer asks than their target deserves, now that losses were seen, are asked again; and all that were
 * silent, where they were asked faster than the target lets anything through.
 */
export function retryExhausted(run: ChunkRun): void {
  for (const target of run.targets) {
    takeBackSilences(run, target);
    const allowed = target.state.retries.attemptsAllowed();
    if (allowed === target.benchedAt) continue;
    target.benchedAt = allowed;
    const bench = target.bench;
    target.bench = [];
    for (const offset of bench) {
      if ((run.attempts[offset] ?? 0) >= allowed) target.bench.push(offset);
      else {
        run.work.codes[offset] = 0;
        run.unsettled += 1;
        target.waiting.push(offset);
        run.waiting += 1;
      }
    }
  }
}

function takeBackSilences(run: ChunkRun, target: ChunkTarget): void {
  const countsFrom = target.state.pace.countsFrom();
  if (countsFrom === target.countsFrom) return;
  target.countsFrom = countsFrom;
  target.benchedAt = 0;
  target.state.retries.forget();
  for (const offset of target.bench) run.attempts[offset] = 0;
  target.waiting.forEach((offset) => {
    run.attempts[offset] = 0;
  });
}
