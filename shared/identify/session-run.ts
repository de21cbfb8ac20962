import type { Detection } from '../domain/detection.ts';
import type { TlsFacts } from '../domain/tls-facts.ts';
import type { Millis } from '../domain/units.ts';
import type { UnprobedCause } from '../domain/verdict.ts';
import type { Peer } from '../seams/connector.ts';
import type { ExchangeDeps } from './exchange.ts';
import { type Match, SURE } from './protocols/kit/matcher.ts';
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
}

export type SessionResult =
  | {
      readonly kind: 'identified';
      /** Null where no matcher claims what was heard. */
      readonly match: Match | null;
      readonly heard: Uint8Array;
      readonly tls: TlsFacts | null;
    }
  /** The time was up before anything was understood. */
  | { readonly kind: 'cut-short' }
  /** This machine could not connect. */
  | { readonly kind: 'local-fault'; readonly cause: UnprobedCause };

/** Connections opened to one port, at the most: every question there is, TLS in its variants, and what follows up. */
const MOST_CONNECTIONS = 24;

/** Milliseconds spent on one port, at the most: two long waits, or a dozen servers' worth of closed connections. */
const MOST_SPENT = 10_000;

/** Questions that may meet with silence on an open connection before the port is left. */
const MOST_SILENCES = 2;

/** Further questions that answers may lead to. */
const MOST_FOLLOW_UPS = 3;

/** A session under way; only the functions of `session` change it. */
export interface SessionRun {
  readonly target: SessionTarget;
  readonly deps: SessionDeps;
  readonly waits: Waits;
  /** What is still to be tried, in order. */
  steps: Step[];
  connections: number;
  spent: number;
  silences: number;
  followUps: number;
  match: Match | null;
  /** The words that the match rests on, or else the first that were heard. */
  heard: Uint8Array;
  tls: TlsFacts | null;
  /** Why this machine could not connect. */
  fault: UnprobedCause | null;
}

export const beginSession = (target: SessionTarget, deps: SessionDeps): SessionRun => ({
  target,
  deps,
  waits: waitsFor(target.roundTrip),
  steps: stepsFor(target.peer.port),
  connections: 0,
  spent: 0,
  silences: 0,
  followUps: 0,
  match: null,
  heard: new Uint8Array(),
  tls: null,
  fault: null,
});

/** Takes the next step, unless a limit is reached or the time is up. */
export function nextStep(run: SessionRun): Step | undefined {
  const mayGoOn = run.connections < MOST_CONNECTIONS && run.spent < MOST_SPENT && run.silences < MOST_SILENCES;
  return mayGoOn && run.fault === null && !run.deps.stop.stopped ? run.steps.shift() : undefined;
}

/** From now on, these steps and nothing else, unless answers have led us on too often already. */
export function followUp(run: SessionRun, steps: Step[]): void {
  run.followUps += 1;
  run.steps = run.followUps <= MOST_FOLLOW_UPS ? steps : [];
}

export function resultOf({ fault, match, tls, heard, deps }: SessionRun): SessionResult {
  const known = match ?? (tls === null ? null : { name: 'tls', confidence: SURE });
  if (known === null && fault !== null) return { kind: 'local-fault', cause: fault };
  if (known === null && deps.stop.stopped) return { kind: 'cut-short' };
  return { kind: 'identified', match: known, heard, tls };
}
