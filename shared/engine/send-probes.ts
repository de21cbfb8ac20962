import { addressIndexAt, probeAt } from '../domain/chunk.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Probe } from '../domain/probe.ts';
import { type Millis, millis } from '../domain/units.ts';
import { type ChunkRun, type ChunkTarget, CONTROL, type InFlightProbe } from './chunk-run.ts';

/**
 * Sockets opened before the loop looks for answers again: opening one takes 20 to 40 µs, so answers wait at most 2 to
 * 3 ms for the loop's attention, well under a grain of the deadline queue.
 */
const BATCH = 64;

/** Offsets pulled ahead for targets that may not be probed yet; enough to find one that may, in a chunk of many. */
const PULLED_AHEAD = 1_024;

/** Opens sockets, retries first, while the targets, the rate, the budget and the batch allow it. */
export function sendProbes(run: ChunkRun): void {
  const now = run.deps.clock.now();
  if (now < run.faults.pauseUntil) return;
  let left = BATCH;
  for (const target of run.targets) {
    while (left > 0 && target.waiting.length > 0 && takeTurn(run, target, now)) {
      sendNext(run, target, now);
      left -= 1;
    }
  }
  while (left > 0 && run.waiting < PULLED_AHEAD) {
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

/** Takes the next pending offset of the seeded order into its target's queue; undefined when the order is at its end. */
function pull(run: ChunkRun): ChunkTarget | undefined {
  const { chunk, codes, order } = run.work;
  while (run.pulled < chunk.size) {
    const offset = order(run.pulled);
    run.pulled += 1;
    const target = run.targets[addressIndexAt(chunk, offset)];
    if (codes[offset] !== 0 || target === undefined) continue;
    target.waiting.push(offset);
    run.waiting += 1;
    return target;
  }
  return undefined;
}

/** May the target be probed now? Takes a socket and a place in the rate if so, and nothing otherwise. */
function takeTurn(run: ChunkRun, target: ChunkTarget, now: Millis): boolean {
  if (target.state.inFlight >= target.state.window.size()) return false;
  if (untilRateAllows(target, now) > 0 || !run.deps.budget.tryTake()) return false;
  target.rate.tryTake(now);
  target.state.rateControl.limiter().tryTake(now);
  return true;
}

/** How long until the target may be probed again: by its rate, and by what it was found to let through. */
export const untilRateAllows = ({ rate, state }: ChunkTarget, now: Millis): Millis =>
  millis(Math.max(rate.wait(now), state.rateControl.limiter().wait(now)));

/** In place of the next probe, a timing ping may be due. */
function sendNext(run: ChunkRun, target: ChunkTarget, now: Millis): void {
  const { pings, rateControl } = target.state;
  const control = rateControl.wantsPing() || pings.isDue(now) ? pings.next() : undefined;
  if (control) sendPing(run, target, control);
  else sendWaiting(run, target);
}

function sendPing(run: ChunkRun, target: ChunkTarget, control: Probe): void {
  target.state.pings.sent(true);
  target.state.rateControl.sent(run.deps.clock.now(), true);
  sendInSweep(run, target, control, CONTROL, 1);
}

function sendWaiting(run: ChunkRun, target: ChunkTarget): void {
  const offset = target.waiting.shift();
  run.waiting -= 1;
  const probe = offset === undefined ? undefined : probeAt(run.work.chunk, offset);
  if (offset === undefined || probe === undefined) {
    run.deps.budget.give();
    return;
  }
  const attempt = (run.attempts[offset] ?? 0) + 1;
  run.attempts[offset] = attempt;
  target.state.pings.sent(false);
  target.state.rateControl.sent(run.deps.clock.now(), false);
  sendInSweep(run, target, probe, offset, attempt);
}

function sendInSweep(run: ChunkRun, target: ChunkTarget, probe: Probe, offset: number, attempt: number): void {
  const isLast = attempt >= target.state.retries.attemptsAllowed();
  send(run, target, { probe, offset, attempt, timeout: target.state.rtt.timeout(isLast) }, (inFlight, outcome) => {
    run.responses.push({ probe: inFlight, outcome, at: run.deps.clock.now() });
    run.arrival.wake();
  });
}

/** What is to be sent, and how long its answer is waited for. */
export interface Attempt {
  readonly probe: Probe;
  readonly offset: number;
  readonly attempt: number;
  readonly timeout: Millis;
}

/** The one way to send a probe. Its socket and its place in the rate must have been taken. */
export function send(
  run: ChunkRun,
  target: ChunkTarget,
  { probe, offset, attempt, timeout }: Attempt,
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
    isOver: false,
    sent: null,
  };
  run.inFlight.add(inFlight);
  run.deadlines.add(inFlight);
  target.state.inFlight += 1;
  run.tally.sent += 1;
  inFlight.sent = run.deps.prober.send(probe, (outcome) => tell(inFlight, outcome));
  return inFlight;
}

/** The probe has its answer, or will have none: gives back what it held. */
export function conclude(run: ChunkRun, probe: InFlightProbe): void {
  probe.isOver = true;
  probe.sent = null;
  run.inFlight.delete(probe);
  run.deadlines.remove(probe);
  probe.target.state.inFlight -= 1;
  run.deps.budget.give();
}
