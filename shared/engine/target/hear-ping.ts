import { type Millis, millis } from '../../domain/units.ts';
import type { ChunkRun, InFlightProbe } from '../chunk-run.ts';
import type { Judgement } from '../classify.ts';
import { pauseAfterFault } from '../retry.ts';

/** A ping says whether asks get through, and nothing of any port. */
export function hearPing(run: ChunkRun, asking: InFlightProbe, judgement: Judgement, at: Millis): void {
  const { rtt, retries, pings, pace } = asking.target.state;
  if (judgement.kind === 'void' || judgement.kind === 'local-fault') {
    if (judgement.kind === 'local-fault') pauseAfterFault(run, judgement.cause);
    pings.unasked();
    pace.unasked();
    return;
  }
  const answered = judgement.kind === 'settled';
  const attempt = pings.ended(answered, at);
  if (answered) {
    rtt.sample(millis(at - asking.sentAt));
    retries.pinged(attempt);
    pace.lossesSeen(retries.lost(), retries.loss());
  } else if (pings.areUnheard()) pace.fellSilent();
  pace.pinged(answered, at);
  run.tally.pings = (run.tally.pings ?? 0) + 1;
  run.tally.pingsAnswered = (run.tally.pingsAnswered ?? 0) + (answered ? 1 : 0);
}
