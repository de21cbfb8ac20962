import { probeAt } from '../domain/chunk.ts';
import { type Incident, joinIncidents } from '../domain/incident.ts';
import type { Probe } from '../domain/probe.ts';
import { type EpochMillis, epochMillis, type Millis } from '../domain/units.ts';
import { verdictCode } from '../domain/verdict.ts';
import { type ChunkRun, type ChunkTarget, offsetsOf } from './chunk-run.ts';
import { takeUp } from './retry-exhausted.ts';
import { conclude } from './send-probes.ts';
import type { TimeSpan } from './target/hearing.ts';
import { concludeUnprobed, unconfirmed, unreachable } from './unsure-verdicts.ts';

const OPEN = verdictCode('open/syn-ack');
const CLOSED = verdictCode('closed/conn-refused');
const GONE = verdictCode('unprobed/target-went-silent');

/** A shorter silence may be a few lost packets, and is not worth a line of the report. */
const LEAST_REPORTED = 1_000;

/**
 * Applies to this chunk what became of its targets: where one is heard again, the silences in between are taken back;
 * where one is gone, what is not told by then is unprobed.
 */
export function followSilentTargets(run: ChunkRun): void {
  for (const target of run.targets) {
    applyVoids(run, target);
    const { hearing } = target.state;
    hearing.giveUpAfter(run.patience, run.deps.clock.now());
    switch (hearing.state) {
      case 'unheard':
        break;
      case 'heard':
        if (target.silentSince !== null) recordReturn(run, target, target.silentSince);
        target.silentSince = null;
        target.isGivenUp = false;
        break;
      case 'silent':
        target.silentSince ??= hearing.lastHeardAt;
        break;
      case 'gone':
        if (!target.isGivenUp) giveUp(run, target);
        target.isGivenUp = true;
        break;
      default:
        break;
    }
  }
}

/** What was silent in a span that does not count is sent again, as if it had never been sent. */
export function applyVoids(run: ChunkRun, target: ChunkTarget): void {
  const voids = target.state.hearing.voids;
  for (; target.voidsApplied < voids.length; target.voidsApplied++) {
    const span = voids[target.voidsApplied];
    if (!span) continue;
    takeBack(run, target, span);
  }
}

function takeBack(run: ChunkRun, target: ChunkTarget, { from, to, isAway }: TimeSpan): void {
  const isIn = (sentAt = 0): boolean => sentAt > from && sentAt < to;
  const isVoid = (offset: number): boolean => isIn(run.lastSentAt[offset]);
  const forget = (offset: number): void => {
    const attempts = run.attempts[offset] ?? 0;
    run.attempts[offset] = isIn(run.firstSentAt[offset]) ? 0 : Math.max(0, attempts - 1);
  };
  for (const probe of run.inFlight) if (probe.target === target) probe.attempt = 1;
  target.waiting.forEach((offset) => {
    if (isVoid(offset)) forget(offset);
  });
  const again = [...target.exhausted, ...(isAway ? unreachable(run, target) : [])].filter(isVoid);
  target.exhausted = target.exhausted.filter((offset) => !isVoid(offset));
  for (const offset of again) {
    forget(offset);
    takeUp(run, target, offset);
  }
}

/** Has every silence of the target been confirmed? If one has not, the target is pinged. */
export function confirm(run: ChunkRun, target: ChunkTarget): boolean {
  const { hearing } = target.state;
  if (hearing.state === 'silent') return false;
  if (hearing.state !== 'heard' || unconfirmed(run, target).length === 0) return true;
  hearing.confirm();
  return !hearing.canPing;
}

/** Earlier deliveries of the chunk may have heard its targets: then they are pinged, and their silence is none yet. */
export function recallTargets(run: ChunkRun): void {
  const isFirstDelivery = run.before.pending === run.work.chunk.size;
  for (const target of run.targets) {
    const { hearing } = target.state;
    hearing.beginChunk();
    if (hearing.state !== 'unheard') continue;
    hearing.recall(isFirstDelivery ? [] : portsThatAnswered(run, target), run.deps.clock.now());
  }
}

/** Some of them, and whether they are closed. */
function portsThatAnswered(run: ChunkRun, target: ChunkTarget): [Probe, boolean][] {
  const { chunk, codes } = run.work;
  const { hearing } = target.state;
  const known: [Probe, boolean][] = [];
  for (const offset of offsetsOf(run, target)) {
    const isClosed = codes[offset] === CLOSED;
    const probe = isClosed || codes[offset] === OPEN ? probeAt(chunk, offset) : undefined;
    if (probe && hearing.wantsMore(isClosed)) known.push([probe, isClosed]);
    if (known.length === CONTROLS_RECALLED) break;
  }
  return known;
}

/** The verdicts, but pending where a run was stopped before a silence was confirmed: nobody would look at it again. */
export function provenCodes(run: ChunkRun): Uint8Array {
  for (const target of run.targets) {
    if (target.state.hearing.state === 'unheard' || !target.state.hearing.canPing) continue;
    for (const offset of unconfirmed(run, target)) run.work.codes[offset] = 0;
  }
  return run.work.codes;
}

/**
 * What a checkpoint may hold. As long as the run goes on, a silence may be taken back, for a loss that is seen later, a
 * rate that was too high, a target that went away; and a record never loses a verdict again. Only one that is old
 * enough to have been contradicted by then is final: so a polite scan that is killed does not lose hours of them.
 */
export function checkpointCodes(run: ChunkRun): Uint8Array {
  const codes = run.work.codes.slice();
  const before = run.deps.clock.now() - FINAL_AFTER;
  for (const target of run.targets) {
    for (const offset of target.exhausted) if ((run.lastSentAt[offset] ?? 0) > before) codes[offset] = 0;
  }
  return codes;
}

/** Twice the longest patience with a silent target of the templates that send more than a probe a second. */
const FINAL_AFTER = 120_000;

const CONTROLS_RECALLED = 8;

function giveUp(run: ChunkRun, target: ChunkTarget): void {
  const until = target.state.hearing.confirmedUntil;
  for (const probe of [...run.inFlight]) if (probe.target === target) conclude(run, probe);
  const unsure = new Set([...unconfirmed(run, target), ...unreachable(run, target, Math.max(0, until))]);
  const ports = concludeUnprobed(run, target, unsure, GONE);
  if (ports === 0) return;
  const since = target.silentSince ?? target.state.hearing.lastHeardAt;
  report(run, { kind: 'went-silent', address: target.address, from: wallAt(run, since), until: null, ports });
}

function recordReturn(run: ChunkRun, target: ChunkTarget, since: Millis): void {
  const now = run.deps.clock.now();
  if (now - since < LEAST_REPORTED) return;
  const [from, until] = [wallAt(run, since), wallAt(run, now)];
  report(run, { kind: 'went-silent', address: target.address, from, until, ports: 0 });
}

/** The wall time of a moment of the monotonic clock. */
export const wallAt = ({ deps: { clock } }: ChunkRun, at: Millis): EpochMillis =>
  epochMillis(clock.wall() - (clock.now() - at));

export function report(run: ChunkRun, incident: Incident): void {
  run.tally.incidents = joinIncidents(run.tally.incidents ?? [], [incident]);
}
