import type { Probe } from '../../domain/probe.ts';
import type { Millis } from '../../domain/units.ts';

/** From when to when everything was reset; null while it still is. */
export interface ResetSpan {
  readonly from: Millis;
  readonly to: Millis | null;
}

/** Where every sixteenth port is open, so many resets in a row are a chance of one in sixty. Then it is worth a look. */
const LEAST_IN_A_ROW = 64;
/** As many open ports are looked at again, where so many are known: one service may have been stopped, not three. */
const RECHECKED = 3;
const REMEMBERED = 8;

/**
 * Has the target begun to reset everything, as a port sentry does to whoever it takes for a scanner? Resets in a row prove
 * nothing, as most hosts refuse most ports. But ports that were open and are reset when they are probed again show that
 * the target treats us in another way than before. (That silent ports are reset later may be due to packets that were
 * lost, so a target without an open port cannot be told.)
 *
 *             64 resets in a row, and twice as many       every port that is
 *             as before the last look                      looked at is reset
 *   watching ─────────────────────────────────▶ looking ─────────────────────▶ resetting ──a port is open──▶ over
 *      ▲                                           │
 *      └───────────── one of them is open ─────────┘
 */
export class ResetWatch {
  readonly #open: Probe[] = [];
  #state: 'watching' | 'looking' | 'resetting' | 'over' = 'watching';
  /** When the last probe was sent that met another state, and the first of the resets in a row. */
  #otherSentAt = Number.NEGATIVE_INFINITY;
  #rowSentAt = Number.POSITIVE_INFINITY;
  #inRow = 0;
  #sinceLook = 0;
  #lookAfter = LEAST_IN_A_ROW;
  #toLookAt: Probe[] = [];
  #isAsking = false;
  #span: ResetSpan | null = null;

  /** A port was reset. */
  reset(sentAt: Millis): void {
    this.#inRow += 1;
    this.#sinceLook += 1;
    if (sentAt < this.#rowSentAt) this.#rowSentAt = sentAt;
  }

  /** A port is open. */
  opened(probe: Probe | undefined, sentAt: Millis): void {
    if (probe && this.#open.length < REMEMBERED) this.#open.push(probe);
    if (this.#span && this.#span.to === null && sentAt > this.#span.from) {
      this.#span = { from: this.#span.from, to: sentAt };
      this.#state = 'over';
    }
    this.other(sentAt);
  }

  /** A port was met in another state than reset. What was sent before the row says nothing of it. */
  other(sentAt: Millis): void {
    if (sentAt > this.#otherSentAt) this.#otherSentAt = sentAt;
    if (sentAt < this.#rowSentAt) return;
    this.#inRow = 0;
    this.#rowSentAt = Number.POSITIVE_INFINITY;
  }

  /** Another worker found this port open. */
  recall(open: Probe, at: Millis): void {
    if (this.#open.length > 0) return;
    this.#open.push(open);
    this.#otherSentAt = Math.max(this.#otherSentAt, at);
  }

  /** An open port that others may look at. */
  openPort(): Probe | undefined {
    return this.#open[0];
  }

  /** After so many resets in a row, ports that were open are looked at again; sooner where nothing is left to probe. */
  lookIfDue(isAtRest: boolean): void {
    const least = isAtRest ? LEAST_IN_A_ROW : this.#lookAfter;
    const isDue = this.#inRow >= LEAST_IN_A_ROW && this.#sinceLook >= least;
    if (!isDue || this.#state !== 'watching' || this.#open.length === 0) return;
    this.#lookAfter = 2 * Math.max(this.#lookAfter, this.#sinceLook);
    this.#sinceLook = 0;
    this.#toLookAt = this.#open.slice(0, RECHECKED);
    this.#state = 'looking';
  }

  /** The port to probe again now, one after the other. */
  next(): Probe | undefined {
    return this.#state === 'looking' && !this.#isAsking ? this.#toLookAt[0] : undefined;
  }

  asked(): void {
    this.#isAsking = true;
  }

  /** What came of it. `failed`: this machine could not send it, and the next look may tell. */
  looked(outcome: 'reset' | 'other' | 'failed'): void {
    this.#isAsking = false;
    if (this.#state !== 'looking') return;
    this.#toLookAt.shift();
    if (outcome !== 'reset') this.#state = 'watching';
    else if (this.#toLookAt.length === 0) {
      this.#state = 'resetting';
      this.#span = { from: this.#otherSentAt as Millis, to: null };
    }
  }

  /** Since when everything is reset, if it is or was. */
  get span(): ResetSpan | null {
    return this.#span;
  }
}
