import type { Fault } from './errors.ts';

/** A value, or every fault that stands in its way, never only the first. */
export type Result<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly faults: readonly Fault[] };

export const ok = <Value>(value: Value): Result<Value> => ({ ok: true, value });
export const faulty = (...faults: readonly Fault[]): Result<never> => ({ ok: false, faults });
