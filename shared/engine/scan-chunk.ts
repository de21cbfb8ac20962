import type { ProbeTally } from '../domain/coverage.ts';
import { beginRun, type ChunkDeps, type ChunkRun, type ChunkWork } from './chunk-run.ts';
import { handleResponses, handleTimeouts } from './handle-responses.ts';
import { giveUpOnTime } from './host-timeout.ts';
import { giveUpOnFaults, recoverFromFaults } from './local-faults.ts';
import { reportResets } from './reset-incidents.ts';
import { retryExhausted, retryOfLimited } from './retry-exhausted.ts';
import { sendProbes } from './send-probes.ts';
import { checkpointCodes, confirm, followSilentTargets, provenCodes, recallTargets } from './silent-targets.ts';
import { type TimeLeft, timeLeft } from './time-left.ts';
import { verifySilence } from './udp/verify-silence.ts';
import { waitForResponses } from './wait-for-responses.ts';

/*
 * The engine. A chunk (some ports of some addresses) enters here, with sockets, a clock and what is known of its targets;
 * a verdict for each of its probes leaves. Start with `sweep`: each line of it is a file of this folder. `target/` holds
 * what is known of one target, `udp/` the second look at silent UDP ports.
 */

/** What became of a chunk. */
export interface ChunkResult {
  /** A verdict code for each probe; `pending` where the run was stopped before the probe's turn. */
  readonly codes: Uint8Array;
  readonly tally: ProbeTally;
  /** Probes that have a verdict which is not verified to the end (see `verifySilence`). */
  readonly unverified: number;
}

/** A chunk being scanned: its result when it is done, and what is known of it until then. */
export interface ChunkScan {
  readonly result: Promise<ChunkResult>;
  /** The verdicts so far that will stand, as a copy: for a checkpoint. A silence may be taken back, and is pending. */
  snapshot(): ChunkResult;
  /** Probes whose verdict will not be looked at again. */
  settled(): number;
  /** How long it will still take, as far as can be told now: milliseconds of work to find out. */
  timeLeft(): TimeLeft;
}

/**
 * Probes every pending port of the chunk until each is settled, or until the deadline or the signal stops it. A stopped
 * run leaves its probes `pending`: whether they are sent later or reported `unprobed` is the caller's to say.
 */
export function scanChunk(work: ChunkWork, deps: ChunkDeps): ChunkScan {
  const run = beginRun(work, deps);
  return {
    result: sweep(run),
    snapshot: () => ({ codes: checkpointCodes(run), tally: tallyOf(run), unverified: run.unverified }),
    settled: () => work.chunk.size - run.unsettled - run.unverified,
    timeLeft: () => timeLeft(run),
  };
}

async function sweep(run: ChunkRun): Promise<ChunkResult> {
  recallTargets(run);
  giveUpOnTime(run);
  concludeIfSwept(run);
  while (!run.isDone && !run.stop.stopped) {
    sendProbes(run);
    await waitForResponses(run);
    handleResponses(run);
    recoverFromFaults(run);
    await handleTimeouts(run);
    giveUpOnFaults(run);
    followSilentTargets(run);
    retryExhausted(run);
    giveUpOnTime(run);
    concludeIfSwept(run);
  }
  if (!run.stop.stopped) await verifySilence(run);
  cancelInFlight(run);
  reportResets(run);
  run.stop.forget();
  return { codes: provenCodes(run), tally: tallyOf(run), unverified: run.unverified };
}

/**
 * When nothing is left to send, rate control judges by the pings that there were, and a target whose last silences nothing
 * has confirmed is pinged. Either may find that there is something left to send.
 */
function concludeIfSwept(run: ChunkRun): void {
  if (run.unsettled > 0 || run.inFlight.size > 0) return;
  for (const { state } of run.targets) {
    state.rateControl.atRest(run.deps.clock.now());
    state.resets.lookIfDue(true);
  }
  followSilentTargets(run);
  retryOfLimited(run);
  const left = run.targets.filter(({ isTimeUp }) => !isTimeUp);
  const isConfirmed = left.map((target) => confirm(run, target));
  run.isDone = run.unsettled === 0 && isConfirmed.every(Boolean) && left.every(({ state }) => !state.resets.next());
}

function tallyOf({ tally, targets }: ChunkRun): ProbeTally {
  const answersPerSecond = lowest(targets.map(({ state }) => state.icmpLimit.limit()));
  const pacedTo = lowest(targets.map(({ state }) => state.rateControl.limit()));
  return { ...tally, ...(answersPerSecond < Infinity && { answersPerSecond }), ...(pacedTo < Infinity && { pacedTo }) };
}

const lowest = (limits: readonly (number | null)[]): number =>
  limits.reduce<number>((least, limit) => Math.min(least, limit ?? least), Infinity);

/** Closes what is still in flight; its probes stay pending. */
function cancelInFlight(run: ChunkRun): void {
  for (const probe of run.inFlight) {
    probe.isOver = true;
    probe.sent?.cancel();
    probe.target.state.inFlight -= 1;
    run.deps.budget.give();
  }
  run.inFlight.clear();
}
