import { type ErrorValue, errorValue } from './errors.ts';
import { err, ok, type Result } from './result.ts';

/** More than these are of no help; the rest is only counted. */
export const MOST_ERRORS = 100;

/** The errors of one request, told at once: the first hundred as they are, and how many more there are. */
export class ErrorList {
  readonly #told: ErrorValue[] = [];
  readonly #room: number;
  #omitted = 0;

  /** @param before how many errors the same request has already: of a part of it no more are told than have room beside them. */
  constructor(before = 0) {
    this.#room = Math.max(0, MOST_ERRORS - before);
  }

  /** How many there are, told or not. */
  get count(): number {
    return this.#told.length + this.#omitted;
  }

  add(...errors: readonly ErrorValue[]): void {
    for (const error of errors) {
      if (error.omitted !== undefined) this.omit(error.omitted);
      else if (this.isFull) this.omit(1);
      else this.#told.push(error);
    }
  }

  /** Another error would only be counted: there is no need to make it. */
  get isFull(): boolean {
    return this.#told.length >= this.#room;
  }

  /** Counts errors that would not be listed anyway. */
  omit(count: number): void {
    this.#omitted += count;
  }

  /** The value of a result; undefined, and its errors added, where it has none. */
  valueOf<Value>(result: Result<Value>): Value | undefined {
    if (result.ok) return result.value;
    this.add(...result.errors);
    return undefined;
  }

  all(): readonly ErrorValue[] {
    if (this.#omitted === 0) return this.#told;
    // Thousands of targets with an error each come by here, and the runtime's own words for a number take it a microsecond.
    const count = this.#omitted < 1_000 ? `${this.#omitted}` : this.#omitted.toLocaleString('en');
    const detail = `And ${count} more.`;
    return [...this.#told, { ...errorValue('ERRORS_OMITTED', detail), omitted: this.#omitted }];
  }

  /** The value that `make` gives where there is no error at all. */
  resultOf<Value>(make: () => Value): Result<Value> {
    return this.count === 0 ? ok(make()) : err(...this.all());
  }
}
