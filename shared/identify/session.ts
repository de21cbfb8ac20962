import { bytesOfLatin1, latin1 } from '../domain/bytes.ts';
import type { TlsFacts } from '../domain/tls-facts.ts';
import { classify } from '../engine/classify.ts';
import { type Exchange, openExchange } from './exchange.ts';
import { MATCHERS, matchAnswer } from './protocols/all.ts';
import { http } from './protocols/http.ts';
import { grpcQuestion } from './protocols/kit/grpc-question.ts';
import { type Match, type StartTls, SURE } from './protocols/kit/matcher.ts';
import {
  beginSession,
  followUp,
  nextStep,
  resultOf,
  type SessionDeps,
  type SessionResult,
  type SessionRun,
  type SessionTarget,
} from './session-run.ts';
import { type Step, tlsStepsFor } from './steps.ts';

/**
 * Finds out what one open port is: a connection at a time, a question a connection.
 *
 *   connect ─▶ TLS, if the step says so ─▶ let it speak ─▶ ask ─▶ hear ─▶ understood? ─ yes ─▶ done, or follow up
 *      ▲                                                                      │ no
 *      └───────────────────────────── the next step ◀─────────────────────────┘
 *
 * It ends when something is understood, when the steps are through, or at a limit of `session-run`.
 */
export async function identifyPort(target: SessionTarget, deps: SessionDeps): Promise<SessionResult> {
  const run = beginSession(target, deps);
  for (let step = nextStep(run); step !== undefined; step = nextStep(run)) await take(run, step);
  if (target.detect === 'tls' && run.tls === null) await lookBehindStartTls(run);
  return resultOf(run);
}

const take = (run: SessionRun, step: Step): Promise<void> =>
  onConnection(run, async (exchange) => {
    if (step.transport === 'plain' || (await shakeHands(run, step, exchange))) await listenAndAsk(run, step, exchange);
  });

/** Connects, and hands the exchange on if the connection stands; it is closed in the end, whatever happens. */
async function onConnection(run: SessionRun, use: (exchange: Exchange) => Promise<void>): Promise<void> {
  const { deps, target, waits } = run;
  if (!(await deps.mayConnect())) return;
  const startedAt = deps.clock.now();
  const exchange = openExchange(target.peer, deps);
  run.connections += 1;
  try {
    if (await exchange.connected(waits.connect)) await use(exchange);
    else giveUpOn(run, exchange.errno());
  } finally {
    exchange.close();
    run.spent += deps.clock.now() - startedAt;
  }
}

/** The port was open a moment ago and accepts no connection any more: it has had enough of us, or this machine has. */
function giveUpOn(run: SessionRun, errno: string | null): void {
  run.steps = [];
  if (errno === null) return;
  const judgement = classify('tcp', { kind: 'errno', errno });
  if (judgement.kind === 'local-fault') run.fault = judgement.cause;
}

/** True when the port speaks TLS and there is something to ask inside. */
async function shakeHands(run: SessionRun, step: Step, exchange: Exchange): Promise<boolean> {
  const hello = { serverName: run.target.serverName, alpn: step.alpn };
  // The patience with an unknown service is for its first words; a server that speaks TLS answers a hello at once.
  const secured = await exchange.secure(hello, run.waits.answer(step.patience === 'unknown' ? 'none' : step.patience));
  switch (secured.kind) {
    case 'secured':
      return enterTls(run, step, secured.tls);
    case 'alert':
      // It speaks TLS, if not with us. Maybe the names that were offered put it off (RFC 7301 section 3.2).
      if (run.tls === null) run.steps = step.alpn.length === 0 ? [] : [{ ...step, alpn: [] }];
      run.match ??= { name: 'tls', confidence: SURE };
      return false;
    case 'failed':
      if (!exchange.isOver()) run.silences += 1;
      run.steps = run.steps.filter(({ transport }) => transport === 'plain');
      return false;
    default:
      return secured satisfies never;
  }
}

/**
 * The first TLS session is the one that is reported. Where both versions of HTTP were offered and the server chose the
 * second, the first, in which servers tell more of themselves, is asked for on a connection of its own.
 */
function enterTls(run: SessionRun, step: Step, tls: TlsFacts): boolean {
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

async function listenAndAsk(run: SessionRun, step: Step, exchange: Exchange): Promise<void> {
  const { patience, question } = step;
  const { waits, target, deps } = run;
  const greeting = patience === 'none' ? new Uint8Array() : await exchange.hear(waits.greeting(patience), waits.pause);
  if (greeting.length > 0) {
    // A service that speaks first has said what it is; a question would come too early or too late.
    run.steps = [];
    judge(run, greeting, null);
    return;
  }
  if (exchange.isOver()) {
    // Once may be chance: the same again. Twice is a wrapper that lets nobody in, and the silences are used up.
    run.silences += 1;
    run.steps.unshift({ ...step, patience: 'short' });
  }
  if (question === null || exchange.isOver() || deps.stop.stopped) return;
  exchange.send(question.bytes(target.host));
  const answer = await exchange.hear(waits.answer(patience), waits.pause);
  if (answer.length > 0) judge(run, answer, question.name);
  else if (!exchange.isOver()) run.silences += 1;
}

/** What was heard is understood or not; a later match counts if it is at least as sure as the one before. */
function judge(run: SessionRun, heard: Uint8Array, asked: string | null): void {
  if (run.heard.length === 0) run.heard = heard;
  const answer = matchAnswer(heard, asked, run.target.peer.port);
  if (answer === null || answer.best.confidence < (run.match?.confidence ?? 0)) return;
  run.match = answer.best;
  run.heard = heard;
  goOnFrom(run, answer.next);
}

function goOnFrom(run: SessionRun, next: Match['next']): void {
  const { port } = run.target.peer;
  if (next === undefined || (next === 'tls' && run.tls !== null)) run.steps = [];
  else if (next === 'tls') followUp(run, tlsStepsFor(port));
  else {
    const isInside = run.tls !== null;
    const alpn = isInside && run.tls?.alpn !== null ? ['http/1.1'] : [];
    followUp(run, [{ transport: isInside ? 'tls' : 'plain', alpn, patience: 'none', question: next }]);
  }
}

/** A certificate may wait behind a command: mail, directories and databases begin in plain text. */
async function lookBehindStartTls(run: SessionRun): Promise<void> {
  const { match, deps } = run;
  const startTls = MATCHERS.find(({ name }) => name === match?.name)?.startTls;
  if (startTls === undefined || match === null || deps.stop.stopped) return;
  await onConnection(run, async (exchange) => {
    run.tls = await upgrade(run, startTls, match.name, exchange);
  });
}

/** Takes a connection into TLS as its protocol has it; null where the server will not. */
async function upgrade(
  { target, waits }: SessionRun,
  startTls: StartTls,
  service: string,
  exchange: Exchange,
): Promise<TlsFacts | null> {
  for (const { say, ready } of startTls) {
    if (say !== null) exchange.send(bytesOfLatin1(say));
    if (ready === null) continue;
    const answer = await exchange.hear(say === null ? waits.greeting('long') : waits.answer('short'), waits.pause);
    if (!ready.test(latin1(answer))) return null;
  }
  const secured = await exchange.secure({ serverName: target.serverName, alpn: [] }, waits.answer('short'));
  return secured.kind === 'secured' ? { ...secured.tls, startTls: service } : null;
}
