import type { Detection } from '../domain/detection.ts';
import type { TlsFacts } from '../domain/tls-facts.ts';
import type { Millis } from '../domain/units.ts';
import type { UnprobedCause } from '../domain/verdict.ts';
import type { Peer } from '../seams/connector.ts';
import type { ExchangeDeps } from './exchange.ts';
import { type Match, SURE } from './protocols/kit/matcher.ts';
import { type Step, stepsFor } from './session-steps.ts';
import { type Waits, waitsFor } from './session-waits.ts';

/** Who is interviewed. */
export interface Subject {
  readonly peer: Peer;
  /** As a request would name it: a host name, or the address, an IPv6 one in brackets. */
  readonly host: string;
  /** For SNI; null where the scan knows only the address. */
  readonly serverName: string | null;
  readonly roundTrip: Millis;
  readonly detect: Exclude<Detection, 'none'>;
}

export interface SessionDeps extends ExchangeDeps {
  /** Waits for the target's pace before each line; false when the time is up. */
  readonly mayDial: () => Promise<boolean>;
}

export type SessionEnd =
  | {
      readonly kind: 'learnt';
      readonly match: Match | null;
      readonly heard: Uint8Array;
      readonly tls: TlsFacts | null;
    }
  /** The time was up before anything was understood. */
  | { readonly kind: 'cut-short' }
  /** This machine could not ask. */
  | { readonly kind: 'local-fault'; readonly cause: UnprobedCause };

/** Lines opened to one port, at the most: every question there is, TLS in its variants, and what follows up. */
const MOST_LINES = 24;

/** Milliseconds on the line, at the most: two long waits, or a dozen servers' worth of hanging up. */
const MOST_TALK = 10_000;

/** Questions that may meet with silence on an open line before the port is left in peace. */
const MOST_SILENCES = 2;

/** Further questions that answers may lead to. */
const MOST_FOLLOW_UPS = 3;

/** An interview under way; only the functions of `interview` change it. */
export interface SessionRun {
  readonly subject: Subject;
  readonly deps: SessionDeps;
  readonly waits: Waits;
  /** What is still to be tried, in order. */
  steps: Step[];
  lines: number;
  talked: number;
  silences: number;
  followUps: number;
  match: Match | null;
  /** The words that the match rests on, or else the first that were heard. */
  heard: Uint8Array;
  tls: TlsFacts | null;
  /** Why this machine could not dial. */
  error: UnprobedCause | null;
}

export const beginSession = (subject: Subject, deps: SessionDeps): SessionRun => ({
  subject,
  deps,
  waits: waitsFor(subject.roundTrip),
  steps: stepsFor(subject.peer.port),
  lines: 0,
  talked: 0,
  silences: 0,
  followUps: 0,
  match: null,
  heard: new Uint8Array(),
  tls: null,
  error: null,
});

/** Takes the next step, unless a limit is reached or the time is up. */
export function nextStep(run: SessionRun): Step | undefined {
  const mayGoOn = run.lines < MOST_LINES && run.talked < MOST_TALK && run.silences < MOST_SILENCES;
  return mayGoOn && run.error === null && !run.deps.stop.stopped ? run.steps.shift() : undefined;
}

/** From now on, these steps and nothing else, unless answers have led us on too often already. */
export function followUp(run: SessionRun, steps: Step[]): void {
  run.followUps += 1;
  run.steps = run.followUps <= MOST_FOLLOW_UPS ? steps : [];
}

export function hintsFrom({ error, match, tls, heard, deps }: SessionRun): SessionEnd {
  const known = match ?? (tls === null ? null : { name: 'tls', confidence: SURE });
  if (known === null && error !== null) return { kind: 'local-fault', cause: error };
  if (known === null && deps.stop.stopped) return { kind: 'cut-short' };
  return { kind: 'learnt', match: known, heard, tls };
}
