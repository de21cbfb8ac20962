import { addressIndexAt, probeAt } from '../domain/chunk.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Probe } from '../domain/probe.ts';
import { type Millis, millis } from '../domain/units.ts';
import { type ChunkRun, type ChunkTarget, CONTROL, type InFlightProbe, LOOK } from './chunk-run.ts';
import { mayTryAfterFault } from './local-faults.ts';

/**
 * Sockets opened before the loop looks for answers again: opening one takes 20 to 40 µs, so answers wait at most 2 to
 * 3 ms for the loop's attention, well under a grain of the deadline queue.
 */
const BATCH = 64;

/** Offsets pulled ahead for targets that may not be probed yet; enough to find one that may, in a chunk of many. */
const PULLED_AHEAD = 1_024;

/** Of a target that was never heard, the two likeliest ports are waited for longer: it may be far. */
const FAR_PROBES = 2;

/** Opens sockets, control probes and retries first, while the targets, the rate, the budget and the batch allow it. */
export function sendProbes(run: ChunkRun): void {
  const now = run.deps.clock.now();
  let left = BATCH;
  for (const target of run.targets) {
    if (target.isTimeUp) continue;
    sendPingIfDue(run, target, now);
    lookAgainIfDue(run, target, now);
    while (left > 0 && target.waiting.length > 0 && takeTurn(run, target, now)) {
      sendNext(run, target, now);
      left -= 1;
    }
  }
  while (left > 0 && mayPull(run)) {
    const target = pull(run);
    if (target === undefined) return;
    if (target.waiting.length > 1 || !takeTurn(run, target, now)) {
      if (run.targets.length === 1) return;
      continue;
    }
    sendNext(run, target, now);
    left -= 1;
  }
}

/** Is there more of the order, and room for it? Where targets that may not be probed hold all the room, they come first. */
export const mayPull = ({ waiting, pulled, work }: ChunkRun): boolean =>
  waiting < PULLED_AHEAD && pulled < work.chunk.size;

/** Takes the next pending offset of the seeded order into its target's queue; undefined when the order is at its end. */
function pull(run: ChunkRun): ChunkTarget | undefined {
  const { chunk, codes, order } = run.work;
  while (run.pulled < chunk.size) {
    const offset = order(run.pulled);
    run.pulled += 1;
    const target = run.targets[addressIndexAt(chunk, offset)];
    if (codes[offset] !== 0 || target === undefined) continue;
    target.unpulled -= 1;
    target.waiting.push(offset);
    run.waiting += 1;
    return target;
  }
  return undefined;
}

/** A target that fell silent, or may have, is pinged whatever its window: what fills it may be waiting for nothing. */
function sendPingIfDue(run: ChunkRun, target: ChunkTarget, now: Millis): void {
  const { hearing, rtt } = target.state;
  if (!hearing.isPingDue(now, rtt.smoothed())) return;
  if (mayTry(run, target, now) && takeSocket(run, target, now)) sendPing(run, target);
}

/** Does a target that resets one port after the other still show as open what it showed as open before? */
function lookAgainIfDue(run: ChunkRun, target: ChunkTarget, now: Millis): void {
  const { resets } = target.state;
  resets.lookIfDue(false);
  const probe = resets.next();
  if (!probe || !mayTry(run, target, now) || !takeSocket(run, target, now)) return;
  resets.asked();
  sendInSweep(run, target, probe, LOOK, 1);
}

/** May the target be probed now? Takes a socket and a place in the rate if so, and nothing otherwise. */
function takeTurn(run: ChunkRun, target: ChunkTarget, now: Millis): boolean {
  const { state } = target;
  if (state.hearing.isAway || (state.inFlight >= state.window.size() && untilFloorAllows(target, now) > 0))
    return false;
  return mayTry(run, target, now) && takeSocket(run, target, now);
}

const mayTry = (run: ChunkRun, target: ChunkTarget, now: Millis): boolean =>
  mayTryAfterFault(run.fault, now) && mayTryAfterFault(target.fault, now);

function takeSocket(run: ChunkRun, target: ChunkTarget, now: Millis): boolean {
  if (untilRateAllows(target, now) > 0 || !run.deps.budget.tryTake()) return false;
  target.rate.tryTake(now);
  target.floor?.tryTake(now);
  target.state.rateControl.limiter().tryTake(now);
  return true;
}

/** How long until a full window no longer holds a probe back, because of the rate that the user forces. */
export const untilFloorAllows = ({ floor }: ChunkTarget, now: Millis): number =>
  floor?.wait(now) ?? Number.POSITIVE_INFINITY;

/** How long until the target may be probed again: by its rate, and by what it was found to let through. */
export const untilRateAllows = ({ rate, state }: ChunkTarget, now: Millis): Millis =>
  millis(Math.max(rate.wait(now), state.rateControl.limiter().wait(now)));

/** In place of the next probe, a ping may be due. */
function sendNext(run: ChunkRun, target: ChunkTarget, now: Millis): void {
  const { hearing, rateControl, rtt } = target.state;
  if (rateControl.wantsPing() || hearing.isPingDue(now, rtt.smoothed())) sendPing(run, target);
  else sendWaiting(run, target);
}

function sendPing(run: ChunkRun, target: ChunkTarget): void {
  const control = target.state.hearing.control();
  if (control) sendInSweep(run, target, control, CONTROL, 1);
  else sendWaiting(run, target);
}

function sendWaiting(run: ChunkRun, target: ChunkTarget): void {
  const offset = shiftPending(run, target);
  const probe = offset === undefined ? undefined : probeAt(run.work.chunk, offset);
  if (offset === undefined || probe === undefined) {
    run.deps.budget.give();
    return;
  }
  const attempt = (run.attempts[offset] ?? 0) + 1;
  run.attempts[offset] = attempt;
  const now = run.deps.clock.now();
  run.lastSentAt[offset] = now;
  if (attempt === 1) run.firstSentAt[offset] = now;
  sendInSweep(run, target, probe, offset, attempt);
}

/** The next offset in line that is still pending: one that waited for a retry may have had a late answer. */
function shiftPending(run: ChunkRun, target: ChunkTarget): number | undefined {
  while (target.waiting.length > 0) {
    const offset = target.waiting.shift();
    run.waiting -= 1;
    if (offset !== undefined && run.work.codes[offset] === 0) return offset;
  }
  return undefined;
}

function sendInSweep(run: ChunkRun, target: ChunkTarget, probe: Probe, offset: number, attempt: number): void {
  const { clock } = run.deps;
  const { hearing, rateControl, retries, rtt } = target.state;
  const timeout = rtt.timeout(attempt >= retries.attemptsAllowed());
  hearing.sent(offset === CONTROL, clock.now());
  if (offset !== LOOK) rateControl.sent(clock.now(), offset === CONTROL);
  const sent = { probe, offset, attempt, timeout, farTimeout: takeFarTimeout(target, probe, attempt, timeout) };
  const inFlight = send(run, target, sent, (each, outcome) => {
    run.responses.push({ probe: each, outcome, at: clock.now() });
    run.arrival.wake();
  });
  if (target.fault.since !== null) target.fault.tester ??= inFlight;
  if (run.fault.since !== null) run.fault.tester ??= inFlight;
}

function takeFarTimeout({ state }: ChunkTarget, { protocol }: Probe, attempt: number, timeout: Millis): Millis | null {
  const isUnknown = state.hearing.state === 'unheard' && state.farProbes < FAR_PROBES;
  const mayBeFar = isUnknown && protocol === 'tcp' && attempt === 1;
  if (!mayBeFar || state.farTimeout <= timeout) return null;
  state.farProbes += 1;
  return state.farTimeout;
}

/** What is to be sent, and how long its answer is waited for. */
export interface Attempt {
  readonly probe: Probe;
  readonly offset: number;
  readonly attempt: number;
  readonly timeout: Millis;
  /** See `InFlightProbe.farDeadline`. */
  readonly farTimeout: Millis | null;
}

/** The one way to send a probe. Its socket and its place in the rate must have been taken. */
export function send(
  run: ChunkRun,
  target: ChunkTarget,
  { probe, offset, attempt, timeout, farTimeout }: Attempt,
  tell: (inFlight: InFlightProbe, outcome: Outcome) => void,
): InFlightProbe {
  const sentAt = run.deps.clock.now();
  const inFlight: InFlightProbe = {
    offset,
    protocol: probe.protocol,
    target,
    attempt,
    sentAt,
    deadline: millis(sentAt + timeout),
    farDeadline: farTimeout === null ? null : millis(sentAt + farTimeout),
    isLate: false,
    isOver: false,
    sent: null,
  };
  run.inFlight.add(inFlight);
  run.deadlines.add(inFlight);
  target.state.inFlight += 1;
  target.state.begunAt ??= sentAt;
  run.tally.sent += 1;
  inFlight.sent = run.deps.prober.send(probe, (outcome) => tell(inFlight, outcome));
  return inFlight;
}

/** The probe has its answer, or will have none: closes its socket and gives back what it held. */
export function conclude(run: ChunkRun, probe: InFlightProbe): void {
  probe.sent?.cancel();
  probe.sent = null;
  probe.isOver = true;
  run.inFlight.delete(probe);
  run.deadlines.remove(probe);
  probe.target.state.inFlight -= 1;
  run.deps.budget.give();
}
