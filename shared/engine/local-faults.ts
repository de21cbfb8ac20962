import { type Millis, millis } from '../domain/units.ts';
import { type UnprobedCause, verdictCode } from '../domain/verdict.ts';
import type { ChunkRun, ChunkTarget, FaultRecord, InFlightProbe } from './chunk-run.ts';
import { concludeUnprobed, unconfirmed, unreachable } from './unsure-verdicts.ts';

/*
 * A fault of this machine pauses what it concerns: everything (no descriptor, no memory, no local port), or one target
 * (no route to it, a local firewall).
 *
 *          a probe fails before it leaves                   the tester left
 *   fine ────────────────────────────────▶ pause ──▶ tester ───────────────▶ fine
 *                                            ▲          │
 *                                            └──────────┤ failed too
 *                                                       ▼ the patience is over
 *                                                      unprobed, with the cause
 */

/** After a fault of this machine, give the kernel time to recover: ten turns of a busy loop. Doubled each time. */
export const FAULT_PAUSE = millis(20);

/** The longest pause: a route that is back is noticed within so long. */
const LONGEST_PAUSE = 200;

/**
 * Faults that go on for so long, without one probe sent, will not end while we wait. Longer than any round trip of the
 * templates T3 to T5, so that sockets in flight have been given back by then.
 */
const FAULT_PATIENCE = 15_000;

/** Causes that concern one target; all others concern the whole machine. */
const OF_ONE_TARGET: ReadonlySet<UnprobedCause> = new Set(['no-route', 'not-permitted']);

/** Causes that show only when the tester has ended: what a proxy does takes a round trip, or the whole timeout. */
const SHOWS_LATE: ReadonlySet<UnprobedCause> = new Set(['proxy-unreachable']);

export function pauseAfterFault(run: ChunkRun, probe: InFlightProbe, told: UnprobedCause): void {
  const cause = causeFor(run, probe.target, told);
  if (cause === 'no-descriptor') run.deps.budget.refused();
  const fault = OF_ONE_TARGET.has(cause) ? probe.target.fault : run.fault;
  const now = run.deps.clock.now();
  const isNew = fault.since === null || fault.tester === probe;
  if (isNew) fault.pauseUntil = millis(now + pauseLength(fault, now));
  fault.cause = cause;
  fault.since ??= now;
  if (fault.tester === probe) fault.tester = null;
}

/** Without an address of the target's family, the system may say that no local port is left. */
const causeFor = (run: ChunkRun, { address }: ChunkTarget, told: UnprobedCause): UnprobedCause =>
  told === 'no-local-port' && run.deps.prober.lacksFamilyOf?.(address) ? 'no-route' : told;

/** The pause is as long as the fault has lasted, within its bounds: so it doubles. */
const pauseLength = ({ since }: FaultRecord, now: Millis): number =>
  Math.min(LONGEST_PAUSE, Math.max(FAULT_PAUSE, now - (since ?? now)));

/** May a probe be sent, for all that is known of this machine's faults? While there is one, only its tester may. */
export function mayTryAfterFault(fault: FaultRecord, now: Millis): boolean {
  return fault.since === null || (now >= fault.pauseUntil && fault.tester === null);
}

/** How long until `mayTryAfterFault` may change: what became of a tester shows within a turn of the loop, or when it ends. */
export function untilFaultAllows({ since, tester, cause, pauseUntil }: FaultRecord, now: Millis): number {
  if (since === null) return 0;
  if (tester !== null) return SHOWS_LATE.has(cause) ? Number.POSITIVE_INFINITY : 0;
  return Math.max(0, pauseUntil - now);
}

/** A fault shows before the loop has turned once: a tester that is still in flight then has left, and the fault is over. */
export function recoverFromFaults(run: ChunkRun): void {
  recover(run, run.fault, run.targets);
  for (const target of run.targets) recover(run, target.fault, [target]);
}

function recover(run: ChunkRun, fault: FaultRecord, targets: readonly ChunkTarget[]): void {
  if (fault.since === null || fault.tester === null) return;
  if (SHOWS_LATE.has(fault.cause) && !fault.tester.isOver) return;
  const now = run.deps.clock.now();
  for (const { state } of targets) {
    // What was in flight when it began may have lost its answer to it, or have been told so by our own system.
    if (OF_ONE_TARGET.has(fault.cause)) state.hearing.takeBack(beforeFault(state, fault.since), now, true);
  }
  fault.since = null;
  fault.tester = null;
}

const beforeFault = ({ rtt }: ChunkTarget['state'], since: Millis): Millis => millis(since - rtt.timeout(true));

/** When this machine's faults have outlasted all patience, every probe that is left is unprobed with their cause. */
export function giveUpOnFaults(run: ChunkRun): void {
  giveUp(run, run.fault, run.targets, FAULT_PATIENCE);
  for (const target of run.targets) giveUp(run, target.fault, [target], isHopeless(run, target) ? 0 : FAULT_PATIENCE);
}

/** A machine without an address of the target's family will not get one while we wait. */
function isHopeless(run: ChunkRun, { address, state, fault }: ChunkTarget): boolean {
  if (fault.since === null || state.hearing.state !== 'unheard') return false;
  return run.deps.prober.lacksFamilyOf?.(address) ?? false;
}

function giveUp(run: ChunkRun, fault: FaultRecord, targets: readonly ChunkTarget[], patience: number): void {
  const { since, cause } = fault;
  if (since === null || run.deps.clock.now() - since < patience) return;
  if ([...run.inFlight].some(({ target }) => targets.includes(target))) return;
  for (const target of targets) {
    // No ping can confirm the last silences any more; of a target that was never heard, none could.
    const unsure = target.state.hearing.state === 'unheard' ? [] : unconfirmed(run, target);
    const told = OF_ONE_TARGET.has(cause)
      ? unreachable(run, target, Math.max(0, beforeFault(target.state, since)))
      : [];
    concludeUnprobed(run, target, new Set([...unsure, ...told]), verdictCode(`unprobed/${cause}`));
  }
  fault.since = null;
  fault.tester = null;
}
