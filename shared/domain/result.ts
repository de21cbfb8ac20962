import type { ErrorValue } from './errors.ts';

/** A value, or every error that stands in its way, never only the first. */
export type Result<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly errors: readonly ErrorValue[] };

export const ok = <Value>(value: Value): Result<Value> => ({ ok: true, value });
export const err = (...errors: readonly ErrorValue[]): Result<never> => ({ ok: false, errors });
