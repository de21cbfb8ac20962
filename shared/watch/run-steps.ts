import { type EpochMillis, epochMillis, millis, type ScanId } from '../domain/units.ts';
import type { CurrentRun, KnownGround, RoundScope, RunRecord, Watch } from '../domain/watch.ts';
import type { WatchChange } from '../domain/watch-alert.ts';
import type { WatchMessage } from '../domain/watch-message.ts';
import { nextRunAfter, ROUND_PAUSE } from './schedule.ts';
import { NO_CHANGES, withChanges } from './severity.ts';

/**
 * The life of a watch, a run at a time; each arrow is one write of the watch's record, and whoever looks at the watch
 * next goes on from there:
 *
 *             due                          over, judged, something to confirm
 *   idle ───────────▶ scanning ──────────────────────────────────────▶ between-rounds
 *     ▲                │   ▲                                                │
 *     │                │   └───────── a minute later ───────────────────────┘
 *     │                │
 *     └────────────────┘ over, judged, nothing left to confirm: the message is in the outbox
 *
 * idle            waits for `nextRunAt`; null while it is paused
 * scanning        round 0 scans everything, every further round what seems to have changed. The id of the scan is stored
 *                 before the scan is: whoever dies in between has it submitted by the next, once.
 * between-rounds  a minute, so that a hiccup is over
 *
 * A run that learns, because some of its ground is new, scans everything three times: an open port whose answers were
 * lost in one scan must not be news in the next run.
 */
export const LEARNING_ROUNDS = 3;

/** The scan, two confirmations, and two more for what became something else in the middle; the rest waits for the next run. */
const MOST_ROUNDS = 5;

/** Runs that `watch show` lists. */
const KEPT_RUNS = 20;

/** A watch that is due begins its run. A time that passed while the run before was still going on is told as its delay. */
export function beginRun(watch: Watch, scan: ScanId, now: EpochMillis): Watch {
  const last = watch.runs[0];
  const dueAt = watch.nextRunAt ?? now;
  const wasBusy = last !== undefined && last.endedAt > dueAt;
  const run: CurrentRun = {
    number: (last?.number ?? 0) + 1,
    startedAt: now,
    delayed: millis(wasBusy ? now - dueAt : 0),
    round: 0,
    narrowed: null,
    tally: NO_CHANGES,
    fullScan: scan,
    learns: false,
  };
  const nextRunAt = watch.status === 'paused' ? null : nextRunAfter(watch.spec.schedule, watch.id, now);
  return { ...watch, phase: { kind: 'scanning', run, scan }, nextRunAt };
}

/** The next round begins. */
export const beginRound = (watch: Watch, run: CurrentRun, scan: ScanId): Watch => ({
  ...watch,
  phase: { kind: 'scanning', run: run.fullScan === null ? { ...run, fullScan: scan } : run, scan },
});

/** What the judgement of one round came to. */
export interface RoundJudgement {
  readonly confirmed: readonly WatchChange[];
  /** Everything that has to be probed again; null where nothing has. */
  readonly again: RoundScope | null;
  /** The round probed ground that is new to the watch. */
  readonly learns: boolean;
  readonly ground: KnownGround;
  readonly at: EpochMillis;
}

/** A round was judged: on to the next, or the end of the run. */
export function endRound(watch: Watch, ended: CurrentRun, scan: ScanId, judged: RoundJudgement): Watch {
  const run = { ...ended, learns: judged.learns, tally: withChanges(ended.tally, judged.confirmed) };
  const stillLearns = run.learns && run.round + 1 < LEARNING_ROUNDS;
  const leftovers = scan === run.fullScan ? watch.leftovers : [...watch.leftovers, scan];
  const next = { ...watch, step: watch.step + 1, leftovers };
  if ((stillLearns || judged.again !== null) && run.round + 1 < MOST_ROUNDS) {
    const narrowed = stillLearns ? null : judged.again;
    const until = epochMillis(judged.at + ROUND_PAUSE);
    return {
      ...next,
      phase: { kind: 'between-rounds', run: { ...run, round: run.round + 1, narrowed }, until },
    };
  }
  return endRun({ ...next, ground: judged.ground }, run, judged.at);
}

function endRun(watch: Watch, run: CurrentRun, at: EpochMillis): Watch {
  const messages: WatchMessage[] = [];
  if (watch.failures?.told) messages.push(messageOf(watch, run, at, 'recovered'));
  if (run.tally.count > 0) messages.push(messageOf(watch, run, at, 'changes'));
  return {
    ...keepRun(watch, recordOf(run, at, null)),
    phase: { kind: 'idle' },
    failures: null,
    outbox: [...watch.outbox, ...messages],
  };
}

/** Failures in a row before an alert is sent: the second, a minute after the first. */
const FAILURES_TOLD = 2;

/** There was nothing to judge: the scan could not be submitted, or did not come to its end. */
export function failRound(failed: Watch, run: CurrentRun, detail: string, at: EpochMillis): Watch {
  const { phase } = failed;
  const leftovers = phase.kind === 'scanning' ? [...failed.leftovers, phase.scan] : failed.leftovers;
  const watch = { ...failed, leftovers };
  const before = watch.failures;
  const count = (before?.count ?? 0) + 1;
  const isNews = count >= FAILURES_TOLD && !before?.told;
  const failures = { count, detail, since: before?.since ?? at, told: isNews || (before?.told ?? false) };
  if (count < FAILURES_TOLD) {
    const until = epochMillis(at + ROUND_PAUSE);
    const again = { ...run, fullScan: run.round === 0 ? null : run.fullScan };
    return { ...watch, failures, phase: { kind: 'between-rounds', run: again, until } };
  }
  const messages: WatchMessage[] = run.tally.count > 0 ? [messageOf(watch, run, at, 'changes')] : [];
  if (isNews) messages.push({ ...messageOf(watch, run, at, 'failure'), failure: detail });
  return {
    ...keepRun(watch, recordOf(run, at, detail)),
    phase: { kind: 'idle' },
    failures,
    outbox: [...watch.outbox, ...messages],
  };
}

const recordOf = (run: CurrentRun, endedAt: EpochMillis, failure: string | null): RunRecord => ({
  number: run.number,
  startedAt: run.startedAt,
  endedAt,
  delayed: run.delayed,
  rounds: run.round + 1,
  scan: failure === null ? run.fullScan : null,
  changes: run.tally.count,
  failure,
});

/** Of runs without a change only the latest keeps its scan, so that they cost nothing in the long run. */
function keepRun(watch: Watch, record: RunRecord): Watch {
  const [last, ...older] = watch.runs;
  const isDull = last !== undefined && last.changes === 0;
  const all = [record, ...(isDull ? [{ ...last, scan: null }, ...older] : watch.runs)];
  const goes = [...(isDull ? [last] : []), ...all.slice(KEPT_RUNS)].flatMap(({ scan }) => scan ?? []);
  return { ...watch, runs: all.slice(0, KEPT_RUNS), leftovers: [...watch.leftovers, ...goes] };
}

const messageOf = (watch: Watch, run: CurrentRun, at: EpochMillis, kind: WatchMessage['kind']): WatchMessage => ({
  id: `${watch.id}-${run.number}${kind === 'changes' ? '' : `-${kind}`}`,
  kind,
  watch: { id: watch.id, name: watch.spec.name },
  run: run.number,
  at,
  scan: run.fullScan,
  changes: kind === 'changes' ? run.tally.worst : [],
  count: kind === 'changes' ? run.tally.count : 0,
  failure: null,
});
