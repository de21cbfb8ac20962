import type { ProbeTally } from '../domain/coverage.ts';
import { beginRun, type ChunkDeps, type ChunkRun, type ChunkWork } from './chunk-run.ts';
import { handleResponses, handleTimeout } from './handle-responses.ts';
import { giveUpOnFaults, retryExhausted } from './retry.ts';
import { sendProbes } from './send-probes.ts';
import { verifySilence } from './udp/verify-silence.ts';
import { afterOneTurn, waitForResponses } from './wait.ts';

/** What became of a chunk. */
export interface ChunkResult {
  /** A verdict code for each probe; `pending` where the run was stopped before the probe's turn. */
  readonly codes: Uint8Array;
  readonly tally: ProbeTally;
  /** Probes that have a verdict, but whose check (see `verifySilence`) is not at its end. */
  readonly doubts: number;
}

/** A chunk being scanned: its result when it is done, and what is known of it until then. */
export interface ChunkScan {
  readonly result: Promise<ChunkResult>;
  /** The verdicts so far, as a copy; for a checkpoint or a progress line. */
  snapshot(): ChunkResult;
  /** Probes with a verdict so far that will not be checked again. */
  settled(): number;
}

/**
 * Asks every pending probe of the chunk until each is settled, or until the deadline or the signal stops it.
 * A stopped run leaves its probes `pending`: whether they are asked later or reported `unprobed` is the caller's to say.
 */
export function scanChunk(work: ChunkWork, deps: ChunkDeps): ChunkScan {
  const run = beginRun(work, deps);
  return {
    result: sweep(run),
    snapshot: () => ({ codes: work.codes.slice(), tally: tallyOf(run), doubts: run.doubts }),
    settled: () => work.chunk.size - run.unsettled - run.doubts,
  };
}

async function sweep(run: ChunkRun): Promise<ChunkResult> {
  while (hasMore(run) && !mustStop(run)) {
    sendProbes(run);
    await waitForResponses(run);
    handleResponses(run);
    await expire(run);
    giveUpOnFaults(run);
  }
  if (!mustStop(run)) await verifySilence(run);
  abandon(run);
  return { codes: run.work.codes, tally: tallyOf(run), doubts: run.doubts };
}

/** Once all is settled, the pings under way may still tell that some silences have to be taken back. */
function hasMore(run: ChunkRun): boolean {
  if (run.unsettled === 0 && run.asking.size === 0)
    for (const { state } of run.targets) state.pace.atRest(run.deps.clock.now());
  retryExhausted(run);
  return run.unsettled > 0 || run.asking.size > 0;
}

function tallyOf({ tally, targets }: ChunkRun): ProbeTally {
  const answersPerSecond = lowest(targets.map(({ state }) => state.answers.limit()));
  const pacedTo = lowest(targets.map(({ state }) => state.pace.limit()));
  return { ...tally, ...(answersPerSecond < Infinity && { answersPerSecond }), ...(pacedTo < Infinity && { pacedTo }) };
}

const lowest = (limits: readonly (number | null)[]): number =>
  limits.reduce<number>((least, limit) => Math.min(least, limit ?? least), Infinity);

const mustStop = ({ deps }: ChunkRun): boolean =>
  deps.signal.aborted || (deps.deadline !== null && deps.clock.now() >= deps.deadline);

/**
 * Response beats the timer. Node runs timers before it polls sockets, so an answer may already lie in the kernel when
 * its deadline is found to have passed: let one turn of the loop look first.
 */
async function expire(run: ChunkRun): Promise<void> {
  const due = run.underway.takeDue(run.deps.clock.now());
  if (due.length === 0) return;
  await afterOneTurn(run.deps.clock);
  handleResponses(run);
  for (const asking of due) if (!asking.over) handleTimeout(run, asking);
}

/** Closes what is still under way; its probes stay pending. */
function abandon(run: ChunkRun): void {
  for (const asking of run.asking) {
    asking.over = true;
    asking.ask?.cancel();
    asking.target.state.inFlight -= 1;
    run.deps.budget.give();
  }
  run.asking.clear();
}
