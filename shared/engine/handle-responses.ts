import { probeAt } from '../domain/chunk.ts';
import { type Millis, millis } from '../domain/units.ts';
import { type Settled, stateAndReason, verdictCode } from '../domain/verdict.ts';
import { type ChunkRun, CONTROL, type InFlightProbe, type Response } from './chunk-run.ts';
import { classify, type Judgement, silenceOf } from './classify.ts';
import { pauseAfterFault } from './local-faults.ts';
import { conclude } from './send-probes.ts';
import { afterOneTurn } from './wait-for-responses.ts';

/** Judges everything that has arrived. */
export function handleResponses(run: ChunkRun): void {
  const responses = run.responses;
  if (responses.length === 0) return;
  run.responses = [];
  for (const response of responses) if (!response.probe.isOver) handle(run, response);
}

/**
 * An answer beats the timer. Node runs timers before it polls sockets, so an answer may already lie in the kernel when
 * its deadline is found to have passed: let one turn of the loop look first.
 */
export async function handleTimeouts(run: ChunkRun): Promise<void> {
  const due = run.deadlines.takeDue(run.deps.clock.now());
  if (due.length === 0) return;
  await afterOneTurn(run.deps.clock);
  handleResponses(run);
  for (const probe of due) if (!probe.isOver) handleTimeout(run, probe);
}

function handle(run: ChunkRun, { probe, outcome, at }: Response): void {
  conclude(run, probe);
  const judgement = classify(probe.protocol, outcome);
  if (probe.offset === CONTROL) {
    handlePing(run, probe, judgement, at);
    return;
  }
  switch (judgement.kind) {
    case 'settled':
      run.faults.since = null;
      learn(run, probe, judgement.verdict, at);
      run.unsettled -= 1;
      record(run, probe, judgement.verdict, at);
      break;
    case 'silent':
      handleSilence(run, probe);
      break;
    case 'void':
      waitAgain(run, probe, probe.attempt - 1);
      break;
    case 'local-fault':
      pauseAfterFault(run, judgement.cause);
      waitAgain(run, probe, probe.attempt - 1);
      break;
    default:
      judgement satisfies never;
  }
}

/** The probe's deadline has passed, and a turn of the loop brought nothing. */
function handleTimeout(run: ChunkRun, probe: InFlightProbe): void {
  probe.sent?.cancel();
  conclude(run, probe);
  if (probe.offset === CONTROL) handlePing(run, probe, { kind: 'silent' }, probe.deadline);
  else handleSilence(run, probe);
}

function handleSilence(run: ChunkRun, probe: InFlightProbe): void {
  const { target, offset, attempt } = probe;
  if (probe.sentAt < target.state.rateControl.countsFrom()) {
    waitAgain(run, probe, 0);
    return;
  }
  run.faults.since = null;
  target.state.window.concluded();
  run.tally.mostAttempts = Math.max(run.tally.mostAttempts, attempt);
  if (attempt < target.state.retries.attemptsAllowed()) {
    waitAgain(run, probe, attempt);
    return;
  }
  target.exhausted.push(offset);
  run.work.codes[offset] = verdictCode(silenceOf(probe.protocol));
  run.unsettled -= 1;
}

/** The port waits for another socket, from another source port; so many of its attempts count. */
function waitAgain(run: ChunkRun, probe: InFlightProbe, counted: number): void {
  run.attempts[probe.offset] = counted;
  probe.target.waiting.push(probe.offset);
  run.waiting += 1;
}

/** A timing ping tells whether probes get through, and nothing of any port. */
function handlePing(run: ChunkRun, probe: InFlightProbe, judgement: Judgement, at: Millis): void {
  const { rtt, retries, pings, rateControl } = probe.target.state;
  if (judgement.kind === 'void' || judgement.kind === 'local-fault') {
    if (judgement.kind === 'local-fault') pauseAfterFault(run, judgement.cause);
    pings.notSent();
    rateControl.notSent();
    return;
  }
  const isAnswered = judgement.kind === 'settled';
  const attempt = pings.ended(isAnswered, at);
  if (isAnswered) {
    rtt.sample(millis(at - probe.sentAt));
    retries.pinged(attempt);
    rateControl.lossesSeen(retries.lost(), retries.loss());
  } else if (pings.areUnanswered()) rateControl.fellSilent();
  rateControl.pinged(isAnswered, at);
  run.tally.pings = (run.tally.pings ?? 0) + 1;
  run.tally.pingsAnswered = (run.tally.pingsAnswered ?? 0) + (isAnswered ? 1 : 0);
}

/**
 * What one answered probe tells of its target: the round-trip time, the window, and whether earlier attempts were lost.
 * That a UDP port is closed may have been held back rather than lost (see `IcmpRateLimit`), so it says nothing of loss.
 */
export function learn(run: ChunkRun, probe: InFlightProbe, verdict: Settled, at: Millis): void {
  const { rtt, window, retries, pings, rateControl, inFlight } = probe.target.state;
  const wasLost = probe.attempt > 1 && verdict !== 'closed/port-unreach';
  rtt.sample(millis(at - probe.sentAt));
  retries.answered(wasLost ? probe.attempt : 1);
  if (wasLost) {
    window.lost(probe.sentAt, inFlight, at);
    rateControl.lossesSeen(retries.lost(), retries.loss());
  } else window.concluded();
  run.tally.answered += 1;
  if (wasLost) run.tally.answeredRetries += 1;
  run.tally.smoothedRtt = rtt.smoothed();
  pings.heard(at);
  const isClosed = verdict === 'closed/conn-refused';
  if (probe.protocol !== 'tcp' || !pings.wantsMore(isClosed)) return;
  const control = probeAt(run.work.chunk, probe.offset);
  if (control) pings.addControl(control, isClosed);
}

/** Writes the verdict down, and tells of an open port. */
export function record(run: ChunkRun, probe: InFlightProbe, verdict: Settled, at: Millis): void {
  run.work.codes[probe.offset] = verdictCode(verdict);
  if (!verdict.startsWith('open/')) return;
  const { state, reason } = stateAndReason(verdict);
  const port = probeAt(run.work.chunk, probe.offset);
  if (port === undefined) return;
  run.deps.onOpen({
    ...port,
    state,
    reason,
    seenAt: run.deps.clock.wall(),
    rtt: millis(at - probe.sentAt),
    attempt: probe.attempt,
  });
}
