import { latin1 } from '../domain/bytes.ts';
import type { TlsFacts } from '../domain/tls-facts.ts';
import { millis } from '../domain/units.ts';
import { classify } from '../engine/classify.ts';
import { type Exchange, openExchange } from './exchange.ts';
import { matchAnswer, type Reaction } from './protocols/all.ts';
import { http } from './protocols/http.ts';
import { grpcQuestion } from './protocols/kit/grpc-question.ts';
import { EHLO, HELP, LHLO, type Question, SURE } from './protocols/kit/matcher.ts';
import { matchCertificate } from './protocols/tls.ts';
import {
  beginSession,
  joinMatches,
  mayFollowUp,
  noteUnclaimed,
  resultOf,
  type SessionDeps,
  type SessionResult,
  type SessionRun,
  type SessionTarget,
} from './session-run.ts';
import { lookBehindStartTls } from './start-tls.ts';
import { isPrinter, lateSteps, type Step, tlsStepsFor } from './steps.ts';
import { takeSteps } from './take-steps.ts';
import { findTlsVersions } from './tls-versions.ts';

/**
 * Finds out what one open port is: a question a connection, and the next connection when the answer is late.
 *
 *   connect ─▶ TLS, if the step says so ─▶ let it speak ─▶ ask ─▶ hear ─▶ understood? ─ yes ─▶ done, or follow up
 *      ▲                                                                      │ no
 *      └───────────────────────────── the next step ◀─────────────────────────┘
 *
 * It ends when something is understood, when the steps are through, or at a limit of `session-run`.
 */
export async function identifyPort(target: SessionTarget, deps: SessionDeps, had = 0): Promise<SessionResult> {
  const run = beginSession(target, deps, had);
  await takeSteps(run, (step, onSilence) => take(run, step, onSilence));
  if (target.detect === 'tls') {
    const connect = (use: (exchange: Exchange) => Promise<void>): Promise<void> => onConnection(run, use);
    if (run.tls === null) await lookBehindStartTls(run, connect);
    await findTlsVersions(run, connect);
  }
  return resultOf(run);
}

/** One connection, and what was said on it last: one character a byte. */
interface Dialogue {
  readonly exchange: Exchange;
  readonly transport: Step['transport'];
  sent: string;
  wasHeard: boolean;
}

function take(run: SessionRun, step: Step, onSilence: () => void): Promise<void> {
  const isBeside = run.open.size > 0;
  // A server that takes one client at a time may refuse the second: its turn comes when the others are gone.
  const again = (): void => {
    run.mayOverlap = false;
    run.steps = [step, ...run.steps];
  };
  const use = async (exchange: Exchange): Promise<void> => {
    const dialogue = { exchange, transport: step.transport, sent: '', wasHeard: false };
    if (step.transport === 'plain' || (await shakeHands(run, step, exchange)))
      await listenAndAsk(run, step, dialogue, onSilence);
    const isHungUp = exchange.isOver() && !dialogue.wasHeard && run.open.has(exchange);
    if (isBeside && isHungUp && step.transport === 'plain' && run.mayOverlap) again();
  };
  return onConnection(run, use, again);
}

/**
 * Connects, and hands the exchange on if the connection stands; it is closed in the end, whatever happens. `refusedBeside`
 * is called when it came to nothing while another one stood.
 */
async function onConnection(
  run: SessionRun,
  use: (exchange: Exchange) => Promise<void>,
  refusedBeside?: () => void,
): Promise<void> {
  const { deps, target, waits } = run;
  if (!(await deps.mayConnect())) return;
  const startedAt = deps.clock.now();
  const exchange = openExchange(target.peer, deps);
  run.open.add(exchange);
  try {
    if (await exchange.connected(waits.connect)) {
      run.connections += 1;
      await use(exchange);
    } else if (!run.open.has(exchange)) return;
    else if (refusedBeside && run.open.size > 1) refusedBeside();
    else giveUpOn(run, exchange.errno());
  } finally {
    run.open.delete(exchange);
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

/** Something was understood, or the port turned out to speak TLS: what else is still waited for is given up. */
function hangUpOthers(run: SessionRun, exchange: Exchange): void {
  for (const other of run.open) {
    if (other === exchange) continue;
    run.open.delete(other);
    other.close();
  }
}

/** True when the port speaks TLS and there is something to ask inside. */
async function shakeHands(run: SessionRun, step: Step, exchange: Exchange): Promise<boolean> {
  const hello = { serverName: run.target.serverName, alpn: step.alpn };
  // The patience with an unknown service is for its first words; a server that speaks TLS answers a hello at once.
  const secured = await exchange.secure(hello, run.waits.answer(step.patience === 'unknown' ? 'none' : step.patience));
  if (!run.open.has(exchange)) return false;
  switch (secured.kind) {
    case 'secured':
      if (run.tls === null) hangUpOthers(run, exchange);
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

async function listenAndAsk(run: SessionRun, step: Step, dialogue: Dialogue, onSilence: () => void): Promise<void> {
  const { patience, question } = step;
  const { waits, deps } = run;
  const { exchange } = dialogue;
  const greeting = patience === 'none' ? new Uint8Array() : await exchange.hear(waits.greeting(patience), waits.pause);
  if (!run.open.has(exchange)) return;
  if (greeting.length > 0) {
    run.greeted = true;
    dialogue.wasHeard = true;
    // A service that speaks first has said what it is, to matchers that know it.
    run.steps = [];
    if (await converse(run, dialogue, greeting, null)) return;
  } else if (exchange.isOver()) {
    closedAtOnce(run, step);
    return;
  }
  // A service that greets in words of its own is asked for its commands, one that greets in bytes what is asked here.
  const asking = greeting.length > 0 && isText(greeting) && !isPrinter(run.target.peer.port) ? HELP : question;
  if (asking === null || exchange.isOver() || deps.stop.stopped) return;
  send(run, dialogue, asking);
  const askedAt = deps.clock.now();
  const end = askedAt + waits.answer(patience);
  if (await exchange.isSilent(waits.overlap(patience))) onSilence();
  const answer = await exchange.hear(millis(Math.max(0, end - deps.clock.now())), waits.pause);
  dialogue.wasHeard ||= answer.length > 0;
  if (answer.length > 0 && (await converse(run, dialogue, answer, asking))) return;
  if (asking === HELP && /^220[ -]/.test(latin1(greeting))) await greetAsMail(run, dialogue);
  if (question !== http.question || run.greeted || run.match !== null || !run.open.has(exchange)) return;
  const reaction = reactionTo(answer, exchange, deps.clock.now() - askedAt >= waits.hangUp);
  run.steps = [...run.steps, ...lateSteps(step.transport, reaction, run.target.peer.port)];
}

/** Mail servers greet in words of their own, and may know no HELP. */
async function greetAsMail(run: SessionRun, dialogue: Dialogue): Promise<void> {
  for (const question of [EHLO, LHLO]) {
    if (dialogue.exchange.isOver() || run.deps.stop.stopped) return;
    send(run, dialogue, question);
    const answer = await dialogue.exchange.hear(run.waits.answer('short'), run.waits.pause);
    if (answer.length === 0 || (await converse(run, dialogue, answer, question))) return;
  }
}

/** Printable ASCII and line ends, to the end. */
const isText = (bytes: Uint8Array): boolean => /^[\x20-\x7e\r\n\t]+$/.test(latin1(bytes));

/** Once may be chance: the same again. Twice is a wrapper that lets nobody in. */
function closedAtOnce(run: SessionRun, step: Step): void {
  run.closures += 1;
  run.steps = run.closures > 1 ? [] : [{ ...step, patience: 'short' }, ...run.steps];
}

function reactionTo(answer: Uint8Array, exchange: Exchange, tookItsTime: boolean): Reaction {
  if (answer.length > 0) return 'answers';
  if (!exchange.isOver()) return 'waits';
  // It has waited for the rest of what it took for a beginning.
  if (tookItsTime) return 'tires';
  // A server that closes before it has read all of a request resets the connection (RFC 9293 section 3.10.7.4).
  return exchange.errno() === null ? 'closes' : 'resets';
}

/**
 * Ports of proxies, some of which pass on what they are asked by its `Host` (tinyproxy). Named with its own port, such a
 * one asks itself, and itself again, until it is full; without, it tries its host's web server.
 */
const PROXIES: readonly number[] = [3128, 8118, 8123, 8888];

/** The host, with the port where it is not what the scheme implies (RFC 9110 section 7.2). */
function authorityOf({ host, peer: { port } }: SessionTarget, transport: Step['transport']): string {
  return port === (transport === 'plain' ? 80 : 443) || PROXIES.includes(port) ? host : `${host}:${port}`;
}

function send(run: SessionRun, dialogue: Dialogue, question: Question): void {
  const { exchange, transport } = dialogue;
  const { host } = run.target;
  if (question.mostHeard !== undefined) exchange.allow(question.mostHeard);
  const bytes = question.bytes(host, authorityOf(run.target, transport));
  dialogue.sent = latin1(bytes);
  exchange.send(bytes);
}

/**
 * Judges an answer, and goes on from it: with a further question on the same connection, or with steps of its own. False
 * where no matcher claims it.
 */
async function converse(
  run: SessionRun,
  dialogue: Dialogue,
  answer: Uint8Array,
  question: Question | null,
): Promise<boolean> {
  const { exchange, transport } = dialogue;
  const next = judge(run, dialogue, answer, question);
  if (next === 'unclaimed') return false;
  run.steps = [];
  hangUpOthers(run, exchange);
  if (next === undefined || !mayFollowUp(run)) return true;
  const { port } = run.target.peer;
  if (next === 'tls') {
    if (run.tls === null) run.steps = tlsStepsFor(port);
  } else if (next.continues) {
    if (exchange.isOver()) return true;
    send(run, dialogue, next);
    const more = await exchange.hear(run.waits.answer('short'), run.waits.pause);
    if (more.length > 0) await converse(run, dialogue, more, next);
  } else {
    const alpn = transport === 'tls' && run.tls?.alpn !== null ? ['http/1.1'] : [];
    run.steps = [{ transport, alpn, patience: 'none', question: next }];
  }
  return true;
}

/** What was heard is claimed by a matcher or not; a later match counts if it is at least as sure as the one before. */
function judge(
  run: SessionRun,
  dialogue: Dialogue,
  bytes: Uint8Array,
  question: Question | null,
): Question | 'tls' | 'unclaimed' | undefined {
  const { target, deps } = run;
  const tls = dialogue.transport === 'tls' ? run.tls : null;
  const asked = question?.name ?? null;
  if (run.heard.length === 0) [run.heard, run.asked] = [bytes, asked];
  const sent = question === null ? '' : dialogue.sent;
  const heard = { bytes, text: latin1(bytes), asked, sent, at: deps.clock.wall(), tls };
  deps.onHeard?.(heard);
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
