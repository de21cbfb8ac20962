import type { ChunkRun } from './chunk-run.ts';

/**
 * Ports that were called silent after fewer attempts than their target deserves, now that losses were seen, are probed
 * again.
 */
export function retryExhausted(run: ChunkRun): void {
  const pooled = run.work.poolsLoss ? run.deps.targets.pooledRetries.attemptsAllowed() : 0;
  for (const target of run.targets) {
    if (target.state.hearing.state === 'unheard') target.state.retries.raise(pooled);
    const allowed = target.state.retries.attemptsAllowed();
    if (allowed === target.allowedBefore || target.isTimeUp) continue;
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
