import type { Detection } from '../domain/detection.ts';
import type { TlsFacts } from '../domain/tls-facts.ts';
import type { Millis } from '../domain/units.ts';
import type { UnprobedCause } from '../domain/verdict.ts';
import type { SocketBudget } from '../engine/socket-budget.ts';
import type { Peer } from '../seams/connector.ts';
import type { Exchange, ExchangeDeps } from './exchange.ts';
import { type Heard, type Match, SURE } from './protocols/kit/matcher.ts';
import { type Step, stepsFor, type Waits, waitsFor } from './steps.ts';

/** The port whose service is to be found out. */
export interface SessionTarget {
  readonly peer: Peer;
  /** As a request would name it: a host name, or the address, an IPv6 one in brackets. */
  readonly host: string;
  /** For SNI; null where the scan knows only the address. */
  readonly serverName: string | null;
  readonly roundTrip: Millis;
  readonly detect: Exclude<Detection, 'none'>;
}

export interface SessionDeps extends ExchangeDeps {
  /** Waits for the target's rate limit before each connection; false when the time is up. */
  readonly mayConnect: () => Promise<boolean>;
  /** For a connection beside the one that the session has a socket for. */
  readonly budget: Pick<SocketBudget, 'tryTake' | 'give'>;
  /** Called with all that is heard, for whoever records what servers say. */
  readonly onHeard?: ((heard: Heard) => void) | undefined;
}

export type SessionResult =
  | {
      readonly kind: 'identified';
      /** Null where no matcher claims what was heard. */
      readonly match: Match | null;
      readonly heard: Uint8Array;
      /** The question before it; null where the service spoke first. */
      readonly asked: string | null;
      readonly tls: TlsFacts | null;
    }
  /** The time was up before anything was understood. */
  | { readonly kind: 'cut-short' }
  /** This machine could not connect, after so many connections in all. */
  | { readonly kind: 'local-fault'; readonly cause: UnprobedCause; readonly connections: number };

/** Connections opened to one port, at the most: some servers log each, and Mumble bans who opens ten in two minutes. */
const MOST_CONNECTIONS = 8;

/** The same where the service speaks first: it has said what it is. */
const MOST_TO_A_GREETER = 3;

/** Milliseconds spent on one port after which nothing more is begun: one long wait and half a dozen short ones. */
const MOST_SPENT = 12_000;

/** The same words in answer to that many different questions: there is nothing behind them. */
const MOST_ALIKE = 3;

/** Further questions that answers may lead to: an SSH server's algorithms, and three kinds of host keys. */
const MOST_FOLLOW_UPS = 4;

/** A session under way; only the functions of `session` change it. */
export interface SessionRun {
  readonly target: SessionTarget;
  readonly deps: SessionDeps;
  readonly waits: Waits;
  /** What is still to be tried, in order. */
  steps: Step[];
  /** Connections that stand or are being made. */
  readonly open: Set<Exchange>;
  /** False once the port has refused a second connection beside the first. */
  mayOverlap: boolean;
  connections: number;
  spent: number;
  /** Connections that were closed before anything was said. */
  closures: number;
  followUps: number;
  greeted: boolean;
  /** How often each answer came that no matcher claims. */
  readonly unclaimed: Map<string, number>;
  match: Match | null;
  /** The words that the match rests on, or else the first that were heard. */
  heard: Uint8Array;
  /** The question before them; null where the service spoke first. */
  asked: string | null;
  tls: TlsFacts | null;
  /** Why this machine could not connect. */
  fault: UnprobedCause | null;
}

/** `connections`: how many a session that this machine could not end has had. */
export const beginSession = (target: SessionTarget, deps: SessionDeps, connections: number): SessionRun => ({
  target,
  deps,
  waits: waitsFor(target.roundTrip),
  steps: stepsFor(target.peer.port),
  open: new Set(),
  mayOverlap: true,
  connections,
  spent: 0,
  closures: 0,
  followUps: 0,
  greeted: false,
  unclaimed: new Map(),
  match: null,
  heard: new Uint8Array(),
  asked: null,
  tls: null,
  fault: null,
});

/** Takes the next step, unless a limit is reached or the time is up. */
export function nextStep(run: SessionRun): Step | undefined {
  const most = run.greeted ? MOST_TO_A_GREETER : MOST_CONNECTIONS;
  const mayGoOn = run.connections < most && run.spent < MOST_SPENT;
  return mayGoOn && run.fault === null && !run.deps.stop.stopped ? run.steps.shift() : undefined;
}

/** Whether one more question may follow from an answer; counts it. */
export function mayFollowUp(run: SessionRun): boolean {
  run.followUps += 1;
  return run.followUps <= MOST_FOLLOW_UPS;
}

/** Notes words that no matcher claims. A service that gives the same ones to every question is asked no more. */
export function noteUnclaimed(run: SessionRun, words: string): void {
  const times = (run.unclaimed.get(words) ?? 0) + 1;
  run.unclaimed.set(words, times);
  if (times >= MOST_ALIKE) run.steps = [];
}

/** What a second match adds to the first: facts of the same service are put together, another service takes its place. */
export function joinMatches(first: Match | null, second: Match, asked: string | null): Match {
  // A further request to a web server is about the service that the first one found.
  const isSame = first !== null && (first.name === second.name || asked?.startsWith('http ') === true);
  if (first === null || !isSame) return second;
  const told = Object.fromEntries(Object.entries(second).filter(([, value]) => value !== undefined));
  const http = second.http ? { ...first.http, ...second.http } : first.http;
  const hostKeys = [...(first.hostKeys ?? []), ...(second.hostKeys ?? [])];
  return {
    ...first,
    ...told,
    name: first.name,
    ...(http && { http }),
    ...(hostKeys.length > 0 && { hostKeys }),
  } as Match;
}

export function resultOf({ fault, match, tls, heard, asked, connections, deps }: SessionRun): SessionResult {
  const known = match ?? (tls === null ? null : { name: 'tls', confidence: SURE });
  if (known === null && fault !== null) return { kind: 'local-fault', cause: fault, connections };
  if (known === null && deps.stop.stopped) return { kind: 'cut-short' };
  return { kind: 'identified', match: known, heard, asked, tls };
}
