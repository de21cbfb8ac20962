import type { WakeEvent } from '../seams/sleep.ts';

/**
 * The sockets that a worker may have open, shared by the chunks it works on. Every socket is taken from here and given
 * back; when the system refuses one all the same, the budget shrinks to what it evidently allows.
 */
export interface SocketBudget {
  /** False when none is left. */
  tryTake(): boolean;
  give(): void;
  /** The system refused a socket that the budget had allowed (the slot is still taken until `give`). */
  refused(): void;
  /** When a socket was given back. */
  readonly whenFree: WakeEvent;
  readonly capacity: number;
  readonly taken: number;
}

/**
 * After a refusal, one more socket is tried for so many that were given back, or for as many as there are: the limit may
 * have been another process's peak.
 */
const GIVEN_BACK_PER_REGROWTH = 256;

export function makeSocketBudget(sockets: number): SocketBudget {
  let capacity = sockets;
  let taken = 0;
  let givenBack = 0;
  const sleepers = new Set<() => void>();
  return {
    tryTake() {
      if (taken >= capacity) return false;
      taken += 1;
      return true;
    },
    give() {
      taken -= 1;
      givenBack += 1;
      if (capacity < sockets && givenBack >= Math.min(GIVEN_BACK_PER_REGROWTH, capacity)) {
        capacity += 1;
        givenBack = 0;
      }
      if (sleepers.size === 0) return;
      const woken = [...sleepers];
      sleepers.clear();
      for (const wake of woken) wake();
    },
    refused() {
      capacity = Math.max(1, Math.min(capacity, taken - 1));
    },
    whenFree(wake) {
      sleepers.add(wake);
      return () => sleepers.delete(wake);
    },
    get capacity() {
      return capacity;
    },
    get taken() {
      return taken;
    },
  };
}
