import { printable } from '../report/formats/printable.ts';
import type { ReceiverAnswer } from './backoff.ts';

/** What came of a request over HTTP, as far as the next try depends on it. */
export type HttpOutcome =
  | { readonly kind: 'answered'; readonly status: number; readonly text: string }
  | { readonly kind: 'failed'; readonly why: string };

/** The receiver is gone for good (RFC 9110, section 15.5.11); every other refusal may be a mistake of today. */
const GONE = 410;

export function postedAnswer(posted: HttpOutcome): ReceiverAnswer {
  if (posted.kind === 'failed') return { kind: 'again', answer: printable(posted.why) };
  const answer = printable(`${posted.status} ${posted.text}`.trim());
  if (posted.status >= 200 && posted.status < 300) return { kind: 'taken', answer };
  return { kind: posted.status === GONE ? 'never' : 'again', answer };
}
