import type { ChunkRun, ChunkTarget } from './chunk-run.ts';

/**
 * Ports that were called silent after fewer attempts than their target deserves, now that losses were seen, are probed
 * again; and all that were silent, where they were probed faster than the target lets anything through.
 */
export function retryExhausted(run: ChunkRun): void {
  for (const target of run.targets) {
    takeBackSilences(run, target);
    const allowed = target.state.retries.attemptsAllowed();
    if (allowed === target.allowedBefore) continue;
    target.allowedBefore = allowed;
    const exhausted = target.exhausted;
    target.exhausted = [];
    for (const offset of exhausted) {
      if ((run.attempts[offset] ?? 0) >= allowed) target.exhausted.push(offset);
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
  const countsFrom = target.state.rateControl.countsFrom();
  if (countsFrom === target.countsFrom) return;
  target.countsFrom = countsFrom;
  target.allowedBefore = 0;
  target.state.retries.forget();
  for (const offset of target.exhausted) run.attempts[offset] = 0;
  target.waiting.forEach((offset) => {
    run.attempts[offset] = 0;
  });
}
