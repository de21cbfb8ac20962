import type { EpochMillis } from '../domain/units.ts';
import type { Fact, WatchSubject } from '../domain/watch-alert.ts';
import { isSameFact, ordinaryFact, refined } from './facts.ts';

/**
 * The life of an alert, which is that of one subject of one host (a port, its certificate, the host itself …):
 *
 *             seen otherwise        a minute later, again        once more
 *   as told ────────────────▶ seen ──────────────────▶ confirming ─────────▶ told
 *      ▲                        │                           │                 │
 *      │   seen as told again   │                           │                 │
 *      └────────────────────────┴───────────────────────────┘                 │
 *      ▲                                                                      │
 *      │ gone: seen as before, and confirmed: told once, the alert is over    │ seen so in later runs:
 *      ├──────────────────────────────────────────────────────────────────────┤ still so, shown and not told
 *      │ acknowledged: what was told is taken for right, the alert is over    │
 *      └──────────────────────────────────────────────────────────────────────┘
 *
 * as told      `told` is what was seen last, and `truth` is the same: there is no alert
 * seen         `candidate.times` is 1: one scan saw it, which may be a lost packet
 * confirming   `candidate.times` grows by one with every round that sees the same; whatever else is seen starts over
 * told         `told` is the new fact, `truth` still the old one: the alert is open until these two agree
 */
export interface JudgedSubject {
  readonly subject: WatchSubject;
  /** What became confirmed just now; to be told. */
  readonly confirmed: {
    readonly before: Fact;
    readonly after: Fact;
    readonly since: EpochMillis;
    readonly otherwiseAt: EpochMillis | null;
  } | null;
  /** It has to be probed again before an alert is sent. */
  readonly again: boolean;
}

/** When a subject was seen, and when it was last looked at before. */
export interface SightTime {
  readonly at: EpochMillis;
  readonly lastLookAt: EpochMillis | null;
}

/**
 * Sights in a row that make a change: the scan, and two that confirm it. That a host cannot be probed is told at the
 * second time, and that it can be again at the first: neither claims anything about the host.
 */
function sightsNeeded(fact: Fact): number {
  if (fact.kind !== 'probing') return 3;
  return fact.state === 'unprobed' ? 2 : 1;
}

export const newSubject = (fact: Fact): WatchSubject => ({
  truth: ordinaryFact(fact.kind),
  told: ordinaryFact(fact.kind),
  toldAt: null,
  candidate: null,
});

/** One sight of a subject, applied. Gives the very same subject where nothing about it changes. */
export function judgeSubject(subject: WatchSubject, seen: Fact, { at, lastLookAt }: SightTime): JudgedSubject {
  if (isSameFact(subject.told, seen)) {
    return { subject: stillSo(subject, seen), confirmed: null, again: false };
  }
  const before = subject.candidate;
  const continues = before !== null && isSameFact(before.fact, seen);
  const candidate = continues
    ? { ...before, fact: refined(before.fact, seen), times: before.times + 1 }
    : { fact: seen, times: 1, since: at, otherwiseAt: lastLookAt };
  if (candidate.times < sightsNeeded(seen)) {
    return { subject: { ...subject, candidate }, confirmed: null, again: true };
  }
  const { fact, since, otherwiseAt } = candidate;
  const confirmed = { before: subject.told, after: fact, since, otherwiseAt };
  const truth = isAlwaysRight(fact) ? fact : subject.truth;
  return { subject: { truth, told: fact, toldAt: at, candidate: null }, confirmed, again: false };
}

/** Whatever was acknowledged before: a certificate that holds is nothing to be seen to. */
const isAlwaysRight = (fact: Fact): boolean =>
  fact.kind !== 'port' && fact.kind !== 'host' && fact.state === ordinaryFact(fact.kind).state;

function stillSo(subject: WatchSubject, seen: Fact): WatchSubject {
  const told = refined(subject.told, seen);
  if (told === subject.told && subject.candidate === null) return subject;
  // What is learnt of a service belongs to what was right before, too, unless an alert is open.
  const truth = isSameFact(subject.truth, subject.told) ? refined(subject.truth, seen) : subject.truth;
  return { ...subject, told, truth, candidate: null };
}

/** What was told is what is right from now on. */
export const acknowledged = (subject: WatchSubject): WatchSubject => ({ ...subject, truth: subject.told });

/** Told, and not as it should be. */
export const isAlert = ({ truth, told }: WatchSubject): boolean => !isSameFact(truth, told);

/** Nothing of it has to be remembered. */
export const isOrdinary = ({ truth, told, candidate }: WatchSubject): boolean =>
  candidate === null && [truth, told].every((fact) => fact.state === ordinaryFact(fact.kind).state);
