import type { Outcome } from '../domain/outcome.ts';
import type { Probe } from '../domain/probe.ts';
import type { Address } from '../domain/units.ts';

/** A probe that was sent. */
export interface SentProbe {
  /** Closes the socket at once; the outcome is then never told. Calling it twice, or too late, does nothing. */
  cancel(): void;
  /** Whether it has left for the target; absent where it has when it was sent. Through a proxy, the proxy comes first. */
  isOnItsWay?(): boolean;
}

/**
 * Sends one probe, once, through a socket of its own. `tell` is called at most once: with what was seen, when it is seen,
 * possibly before `send` returns. By then the socket is closed and its descriptor free. A prober never gives up by
 * itself: time is the engine's business.
 */
export interface Prober {
  send(probe: Probe, tell: (outcome: Outcome) => void): SentProbe;
  /** This machine has no address from which such a one could be reached: no probe to it can be sent, now or soon. */
  lacksFamilyOf?(address: Address): boolean;
}
