import type { Outcome } from '../domain/outcome.ts';
import type { Probe } from '../domain/probe.ts';

/** An ask under way. */
export interface Ask {
  /** Closes the socket at once; the outcome is then never told. Calling it twice, or too late, does nothing. */
  cancel(): void;
}

/**
 * Asks one port once, with one socket. `tell` is called at most once: with what was seen, when it is seen, possibly
 * before `ask` returns. By then the socket is closed and its descriptor free. A prober never gives up by itself: time
 * is the engine's business.
 */
export interface Prober {
  ask(probe: Probe, tell: (outcome: Outcome) => void): Ask;
}
