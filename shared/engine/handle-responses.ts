import { probeAt } from '../domain/chunk.ts';
import { type Millis, millis } from '../domain/units.ts';
import { type Settled, stateAndReason, type UnprobedCause, verdictCode } from '../domain/verdict.ts';
import { type ChunkRun, type InFlightProbe, PING, type Response } from './chunk-run.ts';
import { classify, silenceOf } from './classify.ts';
import { pauseAfterFault } from './retry.ts';
import { hearPing } from './target/hear-ping.ts';

/** Judges everything that has arrived. */
export function handleResponses(run: ChunkRun): void {
  const arrived = run.arrived;
  if (arrived.length === 0) return;
  run.arrived = [];
  for (const evidence of arrived) if (!evidence.asking.over) judge(run, evidence);
}

function judge(run: ChunkRun, { asking, outcome, at }: Response): void {
  conclude(run, asking);
  const judgement = classify(asking.protocol, outcome);
  if (asking.offset === PING) {
    hearPing(run, asking, judgement, at);
    return;
  }
  switch (judgement.kind) {
    case 'settled':
      run.faults.since = null;
      learn(run, asking, judgement.verdict, at);
      run.unsettled -= 1;
      record(run, asking, judgement.verdict, at);
      break;
    case 'silent':
      askAgainOrBench(run, asking);
      break;
    case 'void':
      askAnew(run, asking);
      break;
    case 'local-fault':
      retryAfterFault(run, asking, judgement.cause);
      break;
    default:
      judgement satisfies never;
  }
}

/** The ask's deadline has passed, and a turn of the loop brought nothing. */
export function handleTimeout(run: ChunkRun, asking: InFlightProbe): void {
  asking.ask?.cancel();
  conclude(run, asking);
  if (asking.offset === PING) hearPing(run, asking, { kind: 'silent' }, asking.deadline);
  else askAgainOrBench(run, asking);
}

export function conclude(run: ChunkRun, asking: InFlightProbe): void {
  asking.over = true;
  asking.ask = null;
  run.asking.delete(asking);
  run.underway.remove(asking);
  asking.target.state.inFlight -= 1;
  run.deps.budget.give();
}

/**
 * What one answered ask teaches: the round-trip time, the window, and whether earlier asks were lost. That a UDP port is
 * closed may have been held back rather than lost (see `IcmpRateLimit`), so it says nothing of loss.
 */
export function learn(run: ChunkRun, asking: InFlightProbe, verdict: Settled, at: Millis): void {
  const { rtt, window, retries, pings, pace, inFlight } = asking.target.state;
  const wasLost = asking.attempt > 1 && verdict !== 'closed/port-unreach';
  rtt.sample(millis(at - asking.sentAt));
  retries.answered(wasLost ? asking.attempt : 1);
  if (wasLost) {
    window.lost(asking.sentAt, inFlight, at);
    pace.lossesSeen(retries.lost(), retries.loss());
  } else window.concluded();
  run.tally.answered += 1;
  if (wasLost) run.tally.answeredRetries += 1;
  run.tally.smoothedRtt = rtt.smoothed();
  pings.heard(at);
  const isClosed = verdict === 'closed/conn-refused';
  if (asking.protocol !== 'tcp' || !pings.wantsMore(isClosed)) return;
  const probe = probeAt(run.work.chunk, asking.offset);
  if (probe) pings.mayBeAsked(probe, isClosed);
}

/** Writes the verdict down, and tells of an open port. */
export function record(run: ChunkRun, asking: InFlightProbe, verdict: Settled, at: Millis): void {
  run.work.codes[asking.offset] = verdictCode(verdict);
  if (!verdict.startsWith('open/')) return;
  const { state, reason } = stateAndReason(verdict);
  const probe = probeAt(run.work.chunk, asking.offset);
  if (probe === undefined) return;
  run.deps.onOpen({
    ...probe,
    state,
    reason,
    seenAt: run.deps.clock.wall(),
    rtt: millis(at - asking.sentAt),
    attempt: asking.attempt,
  });
}

function askAgainOrBench(run: ChunkRun, asking: InFlightProbe): void {
  const { target, offset, attempt } = asking;
  if (asking.sentAt < target.state.pace.countsFrom()) {
    askAnew(run, asking, 0);
    return;
  }
  run.faults.since = null;
  target.state.window.concluded();
  run.tally.mostAttempts = Math.max(run.tally.mostAttempts, attempt);
  if (attempt < target.state.retries.attemptsAllowed()) {
    target.waiting.push(offset);
    run.waiting += 1;
    return;
  }
  target.bench.push(offset);
  run.work.codes[offset] = verdictCode(silenceOf(asking.protocol));
  run.unsettled -= 1;
}

/** The ask did not count: the probe waits for another socket, from another source port. */
function askAnew(run: ChunkRun, asking: InFlightProbe, counted = asking.attempt - 1): void {
  run.attempts[asking.offset] = counted;
  asking.target.waiting.push(asking.offset);
  run.waiting += 1;
}

function retryAfterFault(run: ChunkRun, asking: InFlightProbe, cause: UnprobedCause): void {
  if (cause === 'no-descriptor') run.deps.budget.refused();
  pauseAfterFault(run, cause);
  askAnew(run, asking);
}
