import { type Millis, millis, type PortNumber } from '../domain/units.ts';
import { ASKED_ANYWHERE, ASKED_INSIDE_TLS, MATCHERS, type Reaction } from './protocols/all.ts';
import { http } from './protocols/http.ts';
import type { Matcher, Question } from './protocols/kit/matcher.ts';

/**
 * How long a service is waited for. `none`: it may not speak first. `short`: a moment. `unknown`: what an unknown service
 * gets. `usual`: it must be asked first, and may take its time. `web`: the same of a web server, which may be busy. `long`:
 * it is known to speak first, and may take its time.
 */
export type Patience = 'none' | 'short' | 'unknown' | 'usual' | 'web' | 'long';

/** One connection to open: what to let pass before the question, and the question, if any. */
export interface Step {
  readonly transport: 'plain' | 'tls';
  /** Offered under TLS. */
  readonly alpn: readonly string[];
  readonly patience: Patience;
  readonly question: Question | null;
}

/**
 * What printers take for something to print: whatever is said to 9100 to 9107 comes out on paper. Nothing is said there,
 * not even a TLS hello; a service that speaks first is heard.
 */
const LISTENED_TO: readonly number[] = [9100, 9101, 9102, 9103, 9104, 9105, 9106, 9107];

export const isPrinter = (port: PortNumber): boolean => LISTENED_TO.includes(port);

const WEB: readonly string[] = ['h2', 'http/1.1'];

/**
 * The first connections to open to a port, in order, until one is understood: what is usual on it, an HTTP request, a TLS
 * hello. How the service takes the HTTP request decides what follows (`lateSteps`).
 */
export function stepsFor(port: PortNumber): Step[] {
  if (isPrinter(port)) return [{ transport: 'plain', alpn: [], patience: 'unknown', question: null }];
  const usual = MATCHERS.filter(({ ports }) => ports.includes(port));
  const secure = tlsStepsFor(port);
  const isUsuallySecure = MATCHERS.some(({ tlsPorts }) => tlsPorts.includes(port));
  const questions = distinct([...ownQuestions(usual), http.question]);
  const plain = questions.map((question, index) => plainStep(question, index === 0 ? patienceFor(usual) : 'none'));
  const isSecureFirst = isUsuallySecure && usual.every(({ tlsPorts }) => tlsPorts.includes(port));
  return isSecureFirst ? [...secure, ...plain] : [...plain, ...secure.map(notAgain)];
}

/** One long wait is enough: a port that let the first one pass answers a hello at once, if it speaks TLS at all. */
const notAgain = (step: Step): Step =>
  step.patience === 'usual' || step.patience === 'web' ? { ...step, patience: 'short' } : step;

/** The first connections to open under TLS: what is usual there, then HTTP. */
export function tlsStepsFor(port: PortNumber): Step[] {
  const usual = MATCHERS.filter(({ ports, tlsPorts }) => tlsPorts.includes(port) || ports.includes(port));
  const own = ownQuestions(usual);
  // A server that knows its protocol may refuse a session over names it does not, so the web's are offered where it may be.
  const alpn = usual.length === 0 || own.includes(http.question) ? WEB : [];
  return distinct([...own, http.question]).map((question, index) => ({
    transport: 'tls',
    alpn: question === http.question ? WEB : alpn,
    patience: index === 0 ? patienceFor(usual) : 'none',
    question,
  }));
}

/** What to ask a service that took an HTTP request like that: those questions whose servers do so, once each. */
export function lateSteps(transport: Step['transport'], reaction: Reaction, port: PortNumber): Step[] {
  const early = transport === 'plain' ? stepsFor(port) : tlsStepsFor(port);
  const asked = early.filter((step) => step.transport === transport).map(({ question }) => question);
  const table = transport === 'plain' ? ASKED_ANYWHERE : ASKED_INSIDE_TLS;
  return distinct(table[reaction].map(questionOf))
    .filter((question) => !asked.includes(question))
    .map((question) => ({ transport, alpn: [], patience: 'none', question }));
}

const plainStep = (question: Question | null, patience: Patience): Step => ({
  transport: 'plain',
  alpn: [],
  patience,
  question,
});

const questionOf = ({ question }: Matcher): Question | null => question;

/** Where one of several services listens first, another's question is said on the same connection: it does both. */
function ownQuestions(usual: readonly Matcher[]): (Question | null)[] {
  const questions = distinct(usual.map(questionOf));
  return questions.length > 1 ? questions.filter((question) => question !== null) : questions;
}

/** The same question once, even if several matchers would ask it. */
const distinct = (questions: readonly (Question | null)[]): (Question | null)[] => [...new Set(questions)];

function patienceFor(usual: readonly Matcher[]): Patience {
  if (usual.length === 0) return 'unknown';
  if (usual.every(({ question }) => question === null)) return 'long';
  return usual.some(({ question }) => question === http.question) ? 'web' : 'usual';
}

/**
 * How long a session waits, in milliseconds beyond the round-trip times. The waits bound what a port can cost: one that is
 * usual for nothing, accepts connections and says nothing is left after 0.5 + 0.9 s, and another 1.2 s for the six late
 * steps, three at a time; many of them at once take no longer than one.
 */

/** Two SYNs that the kernel repeats, after 1 s and after 3 s, may be lost. */
const CONNECT = 3_500;

/**
 * An SSH or mail server may look up our name before it greets: a resolver's timeout is 5 s, and sendmail's `greet_pause`
 * is 5 s too. 7 s hear both.
 */
const GREETING: Readonly<Record<Patience, number>> = {
  none: 0,
  short: 100,
  unknown: 500,
  usual: 100,
  web: 100,
  long: 7_000,
};

/**
 * A busy web server needs up to 6 s for its answer, and any other that looks up our name first a resolver's 5 s; a Java
 * server that has just started a second. They are heard with some to spare; questions meant for other services are not
 * waited for.
 */
const ANSWER: Readonly<Record<Patience, number>> = {
  none: 500,
  short: 1_500,
  unknown: 900,
  usual: 5_300,
  web: 6_600,
  long: 1_500,
};

/** What comes in several segments comes within a round trip, or a few milliseconds of a busy machine. */
const PAUSE = 80;

/** A longer round trip means a satellite, or a sweep that was in its own way: not worth more patience. */
const LONGEST_ROUND_TRIP = 1_000;

/** Round trips in a wait: TLS 1.2 needs two, and a lost segment is repeated after one more at the earliest (RFC 6298). */
const ROUND_TRIPS = 3;

/**
 * How long an answer is late before the next connection is opened beside it: most servers answer within milliseconds. On
 * the usual port the first question is the right one, and a Java server that has just started needs a second.
 */
const OVERLAP: Readonly<Record<Patience, number>> = {
  none: 200,
  short: 200,
  unknown: 200,
  usual: 1_500,
  web: 1_500,
  long: 1_500,
};

/** Who hangs up later has waited: Knot DNS does so for 500 ms, and hanging up at once takes a busy machine 100 or 200. */
const HANG_UP = 400;

export interface Waits {
  readonly connect: Millis;
  readonly greeting: (patience: Patience) => Millis;
  readonly answer: (patience: Patience) => Millis;
  readonly overlap: (patience: Patience) => Millis;
  readonly hangUp: Millis;
  readonly pause: Millis;
}

/** The waits for a target that is `roundTrip` away. */
export function waitsFor(roundTrip: Millis): Waits {
  const trips = ROUND_TRIPS * Math.min(roundTrip, LONGEST_ROUND_TRIP);
  return {
    connect: millis(CONNECT + trips),
    greeting: (patience) => millis(patience === 'none' ? 0 : GREETING[patience] + trips),
    answer: (patience) => millis(ANSWER[patience] + trips),
    overlap: (patience) => millis(OVERLAP[patience] + trips),
    hangUp: millis(HANG_UP + trips),
    pause: millis(PAUSE + trips / 2),
  };
}
