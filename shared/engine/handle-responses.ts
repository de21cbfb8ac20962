import { probeAt } from '../domain/chunk.ts';
import { type EpochMillis, epochMillis, type Millis, millis } from '../domain/units.ts';
import { type Settled, stateAndReason, verdictCode } from '../domain/verdict.ts';
import { type ChunkRun, CONTROL, type InFlightProbe, LOOK, type Response } from './chunk-run.ts';
import { classify, type Judgement, silenceOf } from './classify.ts';
import { pauseAfterFault } from './local-faults.ts';
import { conclude } from './send-probes.ts';
import { applyVoids } from './silent-targets.ts';
import { A_SECOND } from './target/rate-search.ts';
import { afterOneTurn } from './wait-for-responses.ts';

/** Judges everything that has arrived. */
export function handleResponses(run: ChunkRun): void {
  if (run.responses.length === 0) return;
  for (const response of run.responses.splice(0)) if (!response.probe.isOver) handle(run, response);
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
  if (probe.offset < 0) {
    if (probe.offset === LOOK) handleLook(run, probe, judgement, at);
    else handlePing(run, probe, judgement, at);
    return;
  }
  if (judgement.kind === 'settled') {
    handleAnswer(run, { probe, outcome, at }, judgement.verdict);
    return;
  }
  // The silence of a probe that is late has counted already.
  if (probe.isLate) return;
  switch (judgement.kind) {
    case 'silent':
      handleSilence(run, probe);
      break;
    case 'void':
      waitAgain(run, probe, probe.attempt - 1);
      break;
    case 'local-fault':
      pauseAfterFault(run, probe, judgement.cause);
      waitAgain(run, probe, probe.attempt - 1);
      break;
    default:
      judgement satisfies never;
  }
}

/** The probe's deadline has passed, and a turn of the loop brought nothing. */
function handleTimeout(run: ChunkRun, probe: InFlightProbe): void {
  if (probe.sent?.isOnItsWay?.() === false) {
    handle(run, { probe, outcome: { kind: 'proxy', reply: 'no-proxy', errno: null }, at: probe.deadline });
    return;
  }
  if (probe.isLate) {
    conclude(run, probe);
    return;
  }
  if (mayBeFar(probe)) keepOpen(run, probe);
  else conclude(run, probe);
  if (probe.offset === LOOK) handleLook(run, probe, { kind: 'silent' }, probe.deadline);
  else if (probe.offset === CONTROL) handlePing(run, probe, { kind: 'silent' }, probe.deadline);
  else handleSilence(run, probe);
}

const mayBeFar = ({ farDeadline, target }: InFlightProbe): boolean =>
  farDeadline !== null && target.state.hearing.state === 'unheard';

/** The silence counts, and the port goes on to its next attempt; but an answer to this one would still be welcome. */
function keepOpen(run: ChunkRun, probe: InFlightProbe): void {
  probe.isLate = true;
  probe.deadline = probe.farDeadline ?? probe.deadline;
  run.deadlines.add(probe);
}

/** Once a target is heard, its round trip is known: what is late by then is lost. */
function dropLate(run: ChunkRun, probe: InFlightProbe): void {
  for (const each of run.inFlight) if (each.isLate && each.target === probe.target) conclude(run, each);
}

function handleAnswer(run: ChunkRun, response: Response, verdict: Settled): void {
  const { probe, at } = response;
  learn(run, probe, verdict, at);
  probe.target.answered += 1;
  if (run.work.codes[probe.offset] === 0) run.unsettled -= 1;
  else probe.target.exhausted = probe.target.exhausted.filter((offset) => offset !== probe.offset);
  if (probe.isLate) dropOtherAttempts(run, probe);
  record(run, response, verdict);
}

function dropOtherAttempts(run: ChunkRun, probe: InFlightProbe): void {
  for (const each of run.inFlight) if (each.offset === probe.offset) conclude(run, each);
}

function handleSilence(run: ChunkRun, probe: InFlightProbe): void {
  const { target, offset, attempt } = probe;
  const { hearing, rateControl, resetLimit, retries, window } = target.state;
  rateControl.ended(false, probe.sentAt, probe.deadline);
  if (hearing.isVoid(probe.sentAt)) {
    waitAgain(run, probe, Math.max(0, probe.attempt - 1));
    return;
  }
  if (attempt === 1 && resetLimit.silent(probe.sentAt)) rateControl.fellSilent();
  window.concluded();
  run.tally.mostAttempts = Math.max(run.tally.mostAttempts, attempt);
  const allowed = retries.attemptsAllowed();
  if (attempt < allowed || (allowed > 1 && isTooEarly(run, probe))) {
    waitAgain(run, probe, Math.min(attempt, allowed - 1));
    return;
  }
  target.exhausted.push(offset);
  target.state.resets.other(probe.sentAt);
  run.work.codes[offset] = verdictCode(silenceOf(probe.protocol));
  run.unsettled -= 1;
}

/**
 * A target that counts what it answers by the second may have had nothing left for the rest of one, and several attempts
 * may have fallen into that: so many of them take as many seconds, but one.
 */
function isTooEarly(run: ChunkRun, { target, offset, attempt, sentAt }: InFlightProbe): boolean {
  const since = sentAt - (run.firstSentAt[offset] ?? 0);
  return target.state.rateControl.mayBeLimited() && since < (attempt - 1) * A_SECOND;
}

/** The port waits for another socket, from another source port; so many of its attempts count. */
function waitAgain(run: ChunkRun, probe: InFlightProbe, counted: number): void {
  run.attempts[probe.offset] = counted;
  probe.target.waiting.push(probe.offset);
  run.waiting += 1;
}

/** A ping tells whether probes get through, and nothing of any port. */
function handlePing(run: ChunkRun, probe: InFlightProbe, judgement: Judgement, at: Millis): void {
  const { rtt, retries, hearing, rateControl } = probe.target.state;
  if (judgement.kind === 'void' || judgement.kind === 'local-fault') {
    if (judgement.kind === 'local-fault') pauseAfterFault(run, probe, judgement.cause);
    hearing.notSent();
    rateControl.notSent();
    return;
  }
  // What a router says of a target that it cannot reach is no sign of the target.
  const isAnswered = judgement.kind === 'settled' && isOwnWord(judgement.verdict);
  const wasSilent = hearing.isAway;
  const attempt = hearing.pingEnded(isAnswered, probe.sentAt, at);
  applyVoids(run, probe.target);
  if (isAnswered) {
    rtt.sample(millis(at - probe.sentAt));
    // Pings of a target that was away are no losses.
    for (const each of [retries, run.deps.targets.pooledRetries]) each.pinged(wasSilent ? 1 : attempt);
    rateControl.lossesSeen(retries.lost(), retries.loss());
  }
  rateControl.pinged(isAnswered, at);
  if (wasSilent) return;
  run.tally.pings = (run.tally.pings ?? 0) + 1;
  run.tally.pingsAnswered = (run.tally.pingsAnswered ?? 0) + (isAnswered ? 1 : 0);
}

/** A second look at a port has ended, and tells only how the target treats us. */
function handleLook(run: ChunkRun, probe: InFlightProbe, judgement: Judgement, at: Millis): void {
  const { hearing, resets } = probe.target.state;
  if (judgement.kind === 'local-fault') pauseAfterFault(run, probe, judgement.cause);
  if (judgement.kind === 'void' || judgement.kind === 'local-fault') {
    resets.looked('failed');
    return;
  }
  const verdict = judgement.kind === 'settled' ? judgement.verdict : null;
  if (verdict && isOwnWord(verdict)) hearing.heard(probe.sentAt, at);
  resets.looked(verdict === 'closed/conn-refused' ? 'reset' : 'other');
}

/** Only the target itself says that a port is open or closed. */
const isOwnWord = (verdict: Settled): boolean => verdict.startsWith('open/') || verdict.startsWith('closed/');

/** ICMP is held back: Linux sends one destination six errors and then one a second. That one comes late says nothing of loss. */
const isHeldBack = (verdict: Settled): boolean => !isOwnWord(verdict) || verdict === 'closed/port-unreach';

/**
 * What one answered probe tells of its target: that it is there, the round-trip time, the window, and whether earlier
 * attempts were lost.
 */
export function learn(run: ChunkRun, probe: InFlightProbe, verdict: Settled, at: Millis): void {
  const { rtt, window, retries, rateControl, inFlight } = probe.target.state;
  poolLoss(run, probe, verdict);
  // Of UDP ports a silence means little anyway, and is verified in another way.
  if (probe.protocol === 'tcp' && isOwnWord(verdict)) hear(run, probe, verdict, at);
  const wasLost = probe.attempt > 1 && !isHeldBack(verdict);
  rtt.sample(millis(at - probe.sentAt));
  retries.answered(wasLost ? probe.attempt : 1);
  rateControl.ended(true, probe.sentAt, at);
  if (wasLost) {
    window.lost(probe.sentAt, inFlight, at);
    rateControl.lossesSeen(retries.lost(), retries.loss());
  } else window.concluded();
  run.tally.answered += 1;
  if (wasLost) run.tally.answeredRetries += 1;
  run.tally.smoothedRtt = rtt.smoothed();
}

/**
 * What one answer tells of the network between us and all targets. The first answer of a target voids the silences before it,
 * for it might be far; here they count, for others may be silent for the same cause. A late one is likely the answer to the
 * kernel's own repeat.
 */
function poolLoss({ deps: { targets } }: ChunkRun, { attempt, isLate }: InFlightProbe, verdict: Settled): void {
  if (!isHeldBack(verdict)) targets.pooledRetries.answered(attempt + (isLate ? 1 : 0));
}

/** The target is there. Where it was away, or is farther than we waited, what was silent until now is taken back. */
function hear(run: ChunkRun, probe: InFlightProbe, verdict: Settled, at: Millis): void {
  const { target } = probe;
  const { hearing, resetLimit, resets } = target.state;
  const isFirst = hearing.state === 'unheard';
  // Every timeout so far was shorter than the way there and back.
  if (isFirst && probe.isLate) hearing.takeBack(millis(Number.NEGATIVE_INFINITY), at);
  hearing.heard(probe.sentAt, at);
  if (target.voidsApplied < hearing.voids.length) {
    applyVoids(run, target);
    probe.attempt = 1;
  }
  if (isFirst) dropLate(run, probe);
  const isClosed = verdict === 'closed/conn-refused';
  if (isClosed) {
    resets.reset(probe.sentAt);
    resetLimit.reset(probe.sentAt);
  } else {
    resets.opened(probeAt(run.work.chunk, probe.offset), probe.sentAt);
    resetLimit.opened(probe.sentAt);
  }
  const control = hearing.wantsMore(isClosed) ? probeAt(run.work.chunk, probe.offset) : undefined;
  if (control) hearing.addControl(control, isClosed);
}

/** Writes the verdict down, and tells of an open port, with what a UDP service replied. */
export function record(run: ChunkRun, { probe, outcome, at }: Response, verdict: Settled): void {
  run.work.codes[probe.offset] = verdictCode(verdict);
  if (!verdict.startsWith('open/')) return;
  const { state, reason } = stateAndReason(verdict);
  const port = probeAt(run.work.chunk, probe.offset);
  if (port === undefined) return;
  const open = {
    ...port,
    state,
    reason,
    seenAt: wholeMillis(run.deps.clock.wall()),
    rtt: wholeMicros(at - probe.sentAt),
    attempt: probe.attempt,
  };
  run.deps.onOpen(open, outcome.kind === 'replied' ? outcome.bytes : null);
}

/** As exactly as it is ever said; the rest of the digits would be most of what a finding takes in the store. */
const wholeMillis = (at: EpochMillis): EpochMillis => epochMillis(Math.floor(at));
const wholeMicros = (duration: number): Millis => millis(Math.round(duration * 1_000) / 1_000);
