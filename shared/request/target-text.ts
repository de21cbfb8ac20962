import { fault, type Place } from '../domain/errors.ts';
import { faulty, type Result } from '../domain/result.ts';

/** One target as it is being read: the word itself, and the option or field it came from. */
export interface TargetText {
  readonly text: string;
  readonly field: string;
}

export interface Complaint {
  readonly mend?: string | undefined;
  /** Where in the text the fault lies; all of it when left out. */
  readonly part?: readonly [start: number, end: number];
}

/** The fault TARGET_UNREADABLE, with its place. */
export function unreadable({ text, field }: TargetText, detail: string, { mend, part }: Complaint = {}): Result<never> {
  const [start, end] = part ?? [0, text.length];
  const at: Place = { field, text, start, end };
  return faulty(fault('TARGET_UNREADABLE', detail, { at, ...(mend !== undefined && { mend }) }));
}
