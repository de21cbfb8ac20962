import { addressIndexAt, probeAt } from '../domain/chunk.ts';
import type { Probe } from '../domain/probe.ts';
import { type Millis, millis } from '../domain/units.ts';
import { type ChunkRun, type ChunkTarget, type InFlightProbe, PING } from './chunk-run.ts';

/**
 * Sockets opened before the loop looks for answers again: opening one takes 20 to 40 µs, so answers wait at most 2 to
 * 3 ms for the loop's attention, well under a grain of the deadline queue.
 */
const LAUNCH_BATCH = 64;

/** Offsets pulled ahead for targets that may not be asked yet; enough to find one that may, in a chunk of many. */
const PULLED_AHEAD = 1_024;

/** Opens sockets, retries first, while the targets, the rate, the budget and the batch allow it. */
export function sendProbes(run: ChunkRun): void {
  const now = run.deps.clock.now();
  if (now < run.faults.pauseUntil) return;
  let left = LAUNCH_BATCH;
  for (const target of run.targets) {
    while (left > 0 && target.waiting.length > 0 && mayAsk(run, target, now)) {
      launchNextOf(run, target, now);
      left -= 1;
    }
  }
  while (left > 0 && run.waiting < PULLED_AHEAD) {
    const target = pull(run);
    if (target === undefined) return;
    if (target.waiting.length > 1 || !mayAsk(run, target, now)) {
      if (run.targets.length === 1) return;
      continue;
    }
    launchNextOf(run, target, now);
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

/** May the target be asked now? Takes a socket and a place in the rate if so, and nothing otherwise. */
function mayAsk(run: ChunkRun, target: ChunkTarget, now: Millis): boolean {
  if (target.state.inFlight >= target.state.window.size()) return false;
  if (untilPaced(target, now) > 0 || !run.deps.budget.tryTake()) return false;
  target.pace.tryTake(now);
  target.state.pace.limiter().tryTake(now);
  return true;
}

/** How long until the target may be asked again: by its rate, and by what it was found to let through. */
export const untilPaced = ({ pace, state }: ChunkTarget, now: Millis): Millis =>
  millis(Math.max(pace.wait(now), state.pace.limiter().wait(now)));

/** In place of the next probe, a timing ping may be due. */
function launchNextOf(run: ChunkRun, target: ChunkTarget, now: Millis): void {
  const { pings, pace } = target.state;
  const witness = pace.wantsPing() || pings.isDue(now) ? pings.next() : undefined;
  if (witness) ask(run, target, witness, PING, 1);
  else launchProbe(run, target);
}

function launchProbe(run: ChunkRun, target: ChunkTarget): void {
  const offset = target.waiting.shift();
  run.waiting -= 1;
  const probe = offset === undefined ? undefined : probeAt(run.work.chunk, offset);
  if (offset === undefined || probe === undefined) {
    run.deps.budget.give();
    return;
  }
  const attempt = (run.attempts[offset] ?? 0) + 1;
  run.attempts[offset] = attempt;
  ask(run, target, probe, offset, attempt);
}

function ask(run: ChunkRun, target: ChunkTarget, probe: Probe, offset: number, attempt: number): void {
  const sentAt = run.deps.clock.now();
  const asking: InFlightProbe = {
    offset,
    protocol: probe.protocol,
    target,
    attempt,
    sentAt,
    deadline: millis(sentAt + target.state.rtt.timeout(attempt >= target.state.retries.attemptsAllowed())),
    over: false,
    ask: null,
  };
  run.asking.add(asking);
  run.underway.add(asking);
  target.state.inFlight += 1;
  run.tally.asks += 1;
  target.state.pings.asked(offset === PING);
  target.state.pace.asked(sentAt, offset === PING);
  asking.ask = run.deps.prober.ask(probe, (outcome) => {
    run.arrived.push({ asking, outcome, at: run.deps.clock.now() });
    run.wake?.();
  });
}
