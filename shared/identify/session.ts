import { latin1 } from '../domain/bytes.ts';
import type { TlsFacts } from '../domain/tls-facts.ts';
import { classify } from '../engine/classify.ts';
import { type Exchange, openExchange } from './exchange.ts';
import { matchAnswer, type Reaction } from './protocols/all.ts';
import { http } from './protocols/http.ts';
import { grpcQuestion } from './protocols/kit/grpc-question.ts';
import { HELP, type Question, SURE } from './protocols/kit/matcher.ts';
import { matchCertificate } from './protocols/tls.ts';
import {
  beginSession,
  joinMatches,
  mayFollowUp,
  nextStep,
  noteUnclaimed,
  resultOf,
  type SessionDeps,
  type SessionResult,
  type SessionRun,
  type SessionTarget,
} from './session-run.ts';
import { lookBehindStartTls } from './start-tls.ts';
import { lateSteps, type Step, tlsStepsFor } from './steps.ts';
import { findTlsVersions } from './tls-versions.ts';

/**
 * Finds out what one open port is: a connection at a time, a question a connection.
 *
 *   connect ─▶ TLS, if the step says so ─▶ let it speak ─▶ ask ─▶ hear ─▶ understood? ─ yes ─▶ done, or follow up
 *      ▲                                                                      │ no
 *      └───────────────────────────── the next step ◀─────────────────────────┘
 *
 * It ends when something is understood, when the steps are through, or at a limit of `session-run`.
 */
export async function identifyPort(target: SessionTarget, deps: SessionDeps, had = 0): Promise<SessionResult> {
  const run = beginSession(target, deps, had);
  for (let step = nextStep(run); step !== undefined; step = nextStep(run)) await take(run, step);
  if (target.detect === 'tls') {
    const connect = (use: (exchange: Exchange) => Promise<void>): Promise<void> => onConnection(run, use);
    if (run.tls === null) await lookBehindStartTls(run, connect);
    await findTlsVersions(run, connect);
  }
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
  try {
    if (await exchange.connected(waits.connect)) {
      run.connections += 1;
      await use(exchange);
    } else giveUpOn(run, exchange.errno());
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
      run.steps = run.steps.filter(({ transport }) => transport === 'plain');
      return false;
    default:
      return secured satisfies never;
  }
}

/**
 * The first TLS session is the one that is reported, and its certificate may name the product. Where both versions of HTTP
 * were offered and the server chose the second, the first, in which servers tell more of themselves, is asked for on a
 * connection of its own.
 */
function enterTls(run: SessionRun, step: Step, tls: TlsFacts): boolean {
  const isFirst = run.tls === null;
  run.tls ??= tls;
  if (run.match?.name === 'tls') run.match = null;
  run.steps = run.steps.filter(({ transport }) => transport === 'tls');
  if (!isFirst) return true;
  run.match ??= matchCertificate(tls);
  if (run.match !== null) run.steps = [];
  if (tls.alpn !== 'h2') return true;
  const again = { ...step, patience: 'none' } as const;
  run.steps = [
    { ...again, alpn: ['http/1.1'], question: http.question },
    { ...again, alpn: ['h2'], question: grpcQuestion },
  ];
  return false;
}

async function listenAndAsk(run: SessionRun, step: Step, exchange: Exchange): Promise<void> {
  const { patience, question } = step;
  const { waits, deps } = run;
  const greeting = patience === 'none' ? new Uint8Array() : await exchange.hear(waits.greeting(patience), waits.pause);
  if (greeting.length > 0) {
    run.greeted = true;
    // A service that speaks first has said what it is, to matchers that know it.
    run.steps = [];
    if (await converse(run, exchange, greeting, null)) return;
  } else if (exchange.isOver()) {
    closedAtOnce(run, step);
    return;
  }
  // A service that greets in words of its own is asked for its commands, one that greets in bytes what is asked here.
  const asking = greeting.length > 0 && isText(greeting) ? HELP : question;
  if (question === null || asking === null || exchange.isOver() || deps.stop.stopped) return;
  send(run, exchange, asking);
  const answer = await exchange.hear(waits.answer(patience), waits.pause);
  if (answer.length > 0 && (await converse(run, exchange, answer, asking))) return;
  if (question === http.question && !run.greeted) addLateSteps(run, step, reactionTo(answer, exchange));
}

/** Printable ASCII and line ends, to the end. */
const isText = (bytes: Uint8Array): boolean => /^[\x20-\x7e\r\n\t]+$/.test(latin1(bytes));

/** Once may be chance: the same again. Twice is a wrapper that lets nobody in. */
function closedAtOnce(run: SessionRun, step: Step): void {
  run.closures += 1;
  run.steps = run.closures > 1 ? [] : [{ ...step, patience: 'short' }, ...run.steps];
}

function reactionTo(answer: Uint8Array, exchange: Exchange): Reaction {
  if (answer.length > 0) return 'answers';
  if (!exchange.isOver()) return 'waits';
  // A server that closes before it has read all of a request resets the connection (RFC 9293 section 3.10.7.4).
  return exchange.errno() === null ? 'closes' : 'resets';
}

function addLateSteps(run: SessionRun, { transport }: Step, reaction: Reaction): void {
  run.steps = [...run.steps, ...lateSteps(transport, reaction, run.target.peer.port)];
}

function send(run: SessionRun, exchange: Exchange, question: Question): void {
  const { host, peer } = run.target;
  const authority = peer.port === (run.tls === null ? 80 : 443) ? host : `${host}:${peer.port}`;
  if (question.mostHeard !== undefined) exchange.allow(question.mostHeard);
  const bytes = question.bytes(host, authority);
  run.sent = latin1(bytes);
  exchange.send(bytes);
}

/**
 * Judges an answer, and goes on from it: with a further question on the same connection, or with steps of its own. False
 * where no matcher claims it.
 */
async function converse(
  run: SessionRun,
  exchange: Exchange,
  answer: Uint8Array,
  question: Question | null,
): Promise<boolean> {
  const next = judge(run, answer, question);
  if (next === 'unclaimed') return false;
  run.steps = [];
  if (next === undefined || !mayFollowUp(run)) return true;
  const { port } = run.target.peer;
  if (next === 'tls') {
    if (run.tls === null) run.steps = tlsStepsFor(port);
  } else if (next.continues) {
    if (exchange.isOver()) return true;
    send(run, exchange, next);
    const more = await exchange.hear(run.waits.answer('short'), run.waits.pause);
    if (more.length > 0) await converse(run, exchange, more, next);
  } else {
    const isInside = run.tls !== null;
    const alpn = isInside && run.tls?.alpn !== null ? ['http/1.1'] : [];
    run.steps = [{ transport: isInside ? 'tls' : 'plain', alpn, patience: 'none', question: next }];
  }
  return true;
}

/** What was heard is claimed by a matcher or not; a later match counts if it is at least as sure as the one before. */
function judge(
  run: SessionRun,
  bytes: Uint8Array,
  question: Question | null,
): Question | 'tls' | 'unclaimed' | undefined {
  const { target, deps, tls } = run;
  const asked = question?.name ?? null;
  if (run.heard.length === 0) [run.heard, run.asked] = [bytes, asked];
  const sent = question === null ? '' : run.sent;
  const heard = { bytes, text: latin1(bytes), asked, sent, at: deps.clock.wall(), tls };
  const answer = matchAnswer(heard, target.peer.port);
  if (answer === null) {
    noteUnclaimed(run, latin1(bytes));
    return 'unclaimed';
  }
  if (answer.best.confidence < (run.match?.confidence ?? 0)) return undefined;
  const isSame = run.match?.name === answer.best.name || asked?.startsWith('http ') === true;
  if (run.match === null || !isSame) [run.heard, run.asked] = [bytes, asked];
  run.match = joinMatches(run.match, answer.best, asked);
  return answer.next;
}
