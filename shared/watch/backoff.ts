import { type EpochMillis, epochMillis } from '../domain/units.ts';
import type { AlertDelivery } from '../domain/watch-message.ts';

/** After a try that failed: 10 s, 30 s, 90 s … and then once an hour. */
const FIRST_PAUSE = 10_000;
const GROWTH = 3;
const LONGEST_PAUSE = 3_600_000;

/** What was not delivered within a day is given up, and shown as such. */
export const DELIVERY_LIFETIME = 24 * 3_600_000;

/** What a receiver answered. `again`: it may take the message another time; `never`: it will not, whatever we do. */
export type ReceiverAnswer =
  | { readonly kind: 'taken'; readonly answer: string }
  | { readonly kind: 'again' | 'never'; readonly answer: string };

/** An answer is shown, and no more of it than this. */
const LONGEST_ANSWER = 200;

/** The delivery after a try. */
export function afterTry(delivery: AlertDelivery, { kind, answer }: ReceiverAnswer, at: EpochMillis): AlertDelivery {
  const tries = delivery.tries + 1;
  const tried = { ...delivery, tries, answer: answer.slice(0, LONGEST_ANSWER) };
  if (kind === 'taken') return { ...tried, state: 'delivered' };
  const nextTryAt = epochMillis(at + Math.min(LONGEST_PAUSE, FIRST_PAUSE * GROWTH ** (tries - 1)));
  const isOver = kind === 'never' || nextTryAt > delivery.createdAt + DELIVERY_LIFETIME;
  return isOver ? { ...tried, state: 'given-up' } : { ...tried, nextTryAt };
}
