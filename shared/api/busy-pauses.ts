import { type Millis, millis } from '../domain/units.ts';

/**
 * Tries of a request where the gateway of a fleet says that there is too much to do: a minute in all. The workers of a new
 * account, which runs ten functions at once, may leave none to the API for that long.
 */
export const TRIES_IF_BUSY = 9;

/** After so many tries: 0.5, 1, 2, 4 and 8 s, then 15 s each. */
export const pauseAfterTry = (tried: number): Millis => millis(Math.min(15_000, 500 * 2 ** (tried - 1)));
