import { errorValue, type Place } from '../domain/errors.ts';
import { err, type Result } from '../domain/result.ts';

/** One target as it is being read: the word itself, and the option or field it came from. */
export interface TargetText {
  readonly text: string;
  readonly field: string;
}

export interface Complaint {
  readonly hint?: string | undefined;
  /** Where in the text the error lies; all of it when left out. */
  readonly part?: readonly [start: number, end: number];
}

/** The error TARGET_UNREADABLE, with its place. */
export function unreadable({ text, field }: TargetText, detail: string, { hint, part }: Complaint = {}): Result<never> {
  const [start, end] = part ?? [0, text.length];
  const at: Place = { field, text, start, end };
  return err(errorValue('TARGET_UNREADABLE', detail, { at, ...(hint !== undefined && { hint }) }));
}
