import type { TlsFacts } from '../domain/tls-facts.ts';
import { classify } from '../engine/classify.ts';
import { type Exchange, openExchange } from './exchange.ts';
import { match } from './match.ts';
import { http } from './protocols/http.ts';
import { grpcQuestion } from './protocols/kit/grpc-question.ts';
import { type Match, SURE } from './protocols/kit/matcher.ts';
import {
  beginSession,
  followUp,
  hintsFrom,
  nextStep,
  type SessionDeps,
  type SessionEnd,
  type SessionRun,
  type Subject,
} from './session-run.ts';
import { type Step, tlsStepsFor } from './session-steps.ts';
import { startTlsOf, talkIntoTls } from './start-tls.ts';

/**
 * Finds out what one open port is: a line at a time, a question a line.
 *
 *   dial ─▶ TLS, if the step says so ─▶ let it speak ─▶ ask ─▶ hear ─▶ understood? ─ yes ─▶ done, or follow up
 *    ▲                                                                    │ no
 *    └───────────────────────────── the next step ◀──────────────────────┘
 *
 * It ends when something is understood, when the steps are through, or at a limit of `interview-run`.
 */
export async function interview(subject: Subject, deps: SessionDeps): Promise<SessionEnd> {
  const run = beginSession(subject, deps);
  for (let step = nextStep(run); step !== undefined; step = nextStep(run)) await take(run, step);
  if (subject.detect === 'tls' && run.tls === null) await lookBehindStartTls(run);
  return hintsFrom(run);
}

const take = (run: SessionRun, step: Step): Promise<void> =>
  onLine(run, async (talk) => {
    if (step.transport === 'plain' || (await shakeHands(run, step, talk))) await listenAndAsk(run, step, talk);
  });

/** Dials, and hands the line on if it stands; it is hung up in the end, whatever happens. */
async function onLine(run: SessionRun, use: (talk: Exchange) => Promise<void>): Promise<void> {
  const { deps, subject, waits } = run;
  if (!(await deps.mayDial())) return;
  const startedAt = deps.clock.now();
  const talk = openExchange(subject.peer, deps);
  run.lines += 1;
  try {
    if (await talk.connected(waits.connect)) await use(talk);
    else giveUpOn(run, talk.errno());
  } finally {
    talk.hangUp();
    run.talked += deps.clock.now() - startedAt;
  }
}

/** The port was open a moment ago and takes no line any more: it has had enough of us, or this machine has. */
function giveUpOn(run: SessionRun, errno: string | null): void {
  run.steps = [];
  if (errno === null) return;
  const judgement = classify('tcp', { kind: 'errno', errno });
  if (judgement.kind === 'local-fault') run.error = judgement.cause;
}

/** True when the line speaks TLS and there is something to ask inside. */
async function shakeHands(run: SessionRun, step: Step, talk: Exchange): Promise<boolean> {
  const hello = { serverName: run.subject.serverName, alpn: step.alpn };
  // A stranger's patience is for its first words; whoever speaks TLS answers a hello at once.
  const secured = await talk.secure(hello, run.waits.answer(step.patience === 'stranger' ? 'none' : step.patience));
  switch (secured.kind) {
    case 'secured':
      return enter(run, step, secured.tls);
    case 'alert':
      // It speaks TLS, if not with us. Maybe the names that were offered put it off (RFC 7301 section 3.2).
      if (run.tls === null) run.steps = step.alpn.length === 0 ? [] : [{ ...step, alpn: [] }];
      run.match ??= { name: 'tls', confidence: SURE };
      return false;
    case 'failed':
      if (!talk.isOver()) run.silences += 1;
      run.steps = run.steps.filter(({ transport }) => transport === 'plain');
      return false;
    default:
      return secured satisfies never;
  }
}

/**
 * The first session is the one that is reported. Where both versions of HTTP were offered and the server chose the
 * second, the first, in which servers tell more of themselves, is asked for on a line of its own.
 */
function enter(run: SessionRun, step: Step, tls: TlsFacts): boolean {
  const isFirst = run.tls === null;
  run.tls ??= tls;
  if (run.match?.name === 'tls') run.match = null;
  run.steps = run.steps.filter(({ transport }) => transport === 'tls');
  if (!isFirst || tls.alpn !== 'h2') return true;
  const again = { ...step, patience: 'none' } as const;
  run.steps = [
    { ...again, alpn: ['http/1.1'], question: http.question },
    { ...again, alpn: ['h2'], question: grpcQuestion },
  ];
  return false;
}

async function listenAndAsk(run: SessionRun, step: Step, talk: Exchange): Promise<void> {
  const { patience, question } = step;
  const { waits, subject, deps } = run;
  const greeting = patience === 'none' ? new Uint8Array() : await talk.hear(waits.greeting(patience), waits.pause);
  if (greeting.length > 0) {
    // Who speaks first has said what it is; a question would come too early or too late.
    run.steps = [];
    judge(run, greeting, null);
    return;
  }
  if (talk.isOver()) {
    // Once may be chance: the same again. Twice is a wrapper that lets nobody in, and the silences are used up.
    run.silences += 1;
    run.steps.unshift({ ...step, patience: 'short' });
  }
  if (question === null || talk.isOver() || deps.stop.stopped) return;
  talk.say(question.bytes(subject.host));
  const answer = await talk.hear(waits.answer(patience), waits.pause);
  if (answer.length > 0) judge(run, answer, question.name);
  else if (!talk.isOver()) run.silences += 1;
}

/** What was heard is understood or not; a later opinion counts if it is at least as sure as the one before. */
function judge(run: SessionRun, heard: Uint8Array, asked: string | null): void {
  const { port } = run.subject.peer;
  if (run.heard.length === 0) run.heard = heard;
  const opinion = match(heard, asked, port);
  if (opinion === null || opinion.best.confidence < (run.match?.confidence ?? 0)) return;
  run.match = opinion.best;
  run.heard = heard;
  goOnFrom(run, opinion.next);
}

function goOnFrom(run: SessionRun, next: Match['next']): void {
  const { port } = run.subject.peer;
  if (next === undefined || (next === 'tls' && run.tls !== null)) run.steps = [];
  else if (next === 'tls') followUp(run, tlsStepsFor(port));
  else {
    const isInside = run.tls !== null;
    const alpn = isInside && run.tls?.alpn !== null ? ['http/1.1'] : [];
    followUp(run, [{ transport: isInside ? 'tls' : 'plain', alpn, patience: 'none', question: next }]);
  }
}

/** A certificate may wait behind a word: mail, directories and databases begin in plain text. */
async function lookBehindStartTls(run: SessionRun): Promise<void> {
  const { match, subject, deps, waits } = run;
  const way = startTlsOf(match);
  if (way === undefined || match === null || deps.stop.stopped) return;
  await onLine(run, async (talk) => {
    run.tls = await talkIntoTls(way, match.name, subject.serverName, talk, waits);
  });
}
