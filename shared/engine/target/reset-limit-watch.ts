import type { Millis } from '../../domain/units.ts';

/** Fewer resets say too little of how many there should be. */
const LEAST_RESETS = 24;
/** Fewer silences in a row are what a busy queue on the way loses at once. */
const LEAST_IN_A_ROW = 64;
/** One scan in a thousand million is wrong then, and all it costs is a measure. */
const NO_CHANCE = Math.log(1e-9);

/**
 * Does the target send only so many resets? Ports are probed in a random order, so those that are filtered lie scattered
 * among those that are closed. Resets one after the other and then none at all, while open ports still answer, are not
 * the ports' doing: the system counts its resets, as BSD's icmplim does by the second, and a closed port of the rest
 * looks filtered. No retry tells it, as none is answered before the next second begins.
 *
 * Where a share p of the first attempts was reset, n silences in a row are a chance of (1 − p)ⁿ. First attempts alone: a
 * second one goes to a port that was silent before.
 */
export class ResetLimitWatch {
  #resets = 0;
  #silences = 0;
  #inRow = 0;
  /** When the latest of those was sent that were reset, and that were answered by an open port. */
  #resetSentAt = Number.NEGATIVE_INFINITY;
  #openSentAt = Number.NEGATIVE_INFINITY;

  reset(sentAt: Millis): void {
    this.#resets += 1;
    if (sentAt <= this.#resetSentAt) return;
    this.#resetSentAt = sentAt;
    this.#silences += this.#inRow;
    this.#inRow = 0;
  }

  opened(sentAt: Millis): void {
    this.#openSentAt = Math.max(this.#openSentAt, sentAt);
  }

  /** The first attempt at a port was silent. True where that makes one too many; then it begins anew. */
  silent(sentAt: Millis): boolean {
    if (sentAt <= this.#resetSentAt) this.#silences += 1;
    else this.#inRow += 1;
    if (this.#resets < LEAST_RESETS || this.#inRow < LEAST_IN_A_ROW || this.#openSentAt < this.#resetSentAt)
      return false;
    const notReset = (this.#silences + 1) / (this.#resets + this.#silences + 2);
    if (this.#inRow * Math.log(notReset) > NO_CHANCE) return false;
    [this.#resets, this.#silences, this.#inRow] = [0, 0, 0];
    return true;
  }
}
