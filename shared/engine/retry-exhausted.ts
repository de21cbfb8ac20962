import type { ChunkRun, ChunkTarget } from './chunk-run.ts';
import { A_SECOND } from './target/rate-search.ts';

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
      else takeUp(run, target, offset);
    }
  }
}

/**
 * A target that limits what it answers may have had nothing left for any of a port's attempts. So when all else is done, its
 * silent ports are probed for one more second, if they are no more than it answers in that: of a host that filters most of
 * its ports there would be no end.
 */
export function retryOfLimited(run: ChunkRun): void {
  for (const target of run.targets) {
    const limit = target.state.rateControl.limit();
    if (target.isTriedOnceMore || target.isTimeUp || target.isGivenUp) continue;
    if (limit === null || target.exhausted.length > limit) continue;
    target.isTriedOnceMore = true;
    const now = run.deps.clock.now();
    for (const offset of target.exhausted.splice(0)) {
      const attempts = Math.max(1, (run.attempts[offset] ?? 0) - 1);
      run.attempts[offset] = attempts;
      // See `isTooEarly`: all but one of the seconds that its attempts have to take are over.
      run.firstSentAt[offset] = now - (attempts - 1) * A_SECOND;
      takeUp(run, target, offset);
    }
  }
}

/** A port that was called silent has no verdict any more, and is probed again in its turn. */
export function takeUp(run: ChunkRun, target: ChunkTarget, offset: number): void {
  run.work.codes[offset] = 0;
  run.unsettled += 1;
  target.waiting.push(offset);
  run.waiting += 1;
}
