import { epochMillis } from '../domain/units.ts';
import type { AlertDelivery } from '../domain/watch-message.ts';
import type { Clock } from '../seams/clock.ts';
import type { Log } from '../seams/log.ts';
import type { WatchStore } from '../seams/watch-store.ts';
import { afterTry, type ReceiverAnswer } from '../watch/backoff.ts';

/** Hands a message to its receiver. Never throws, and never takes longer than a minute. */
export type SendMessage = (delivery: AlertDelivery) => Promise<ReceiverAnswer>;

export interface DeliverDeps {
  readonly watches: WatchStore;
  readonly send: SendMessage;
  readonly clock: Pick<Clock, 'wall'>;
  readonly log: Log;
  /** Told of a message that was not taken within its day. */
  readonly onGivenUp?: () => void;
}

/** Deliveries tried at once: a receiver that is slow holds up no more than its own messages and these. */
const AT_ONCE = 16;

/** Longer than any receiver is waited for: two processes that look at the same time do not send the same message twice. */
const CLAIM = 120_000;

/**
 * Tries every delivery that is due, each once. What was sent by one who died before he wrote it down is sent again, under
 * the same id. Gives how many there were.
 */
export async function deliverMessages(deps: DeliverDeps): Promise<number> {
  const due = await deps.watches.dueDeliveries(deps.clock.wall(), AT_ONCE);
  await Promise.all(due.map((delivery) => deliverMessage(delivery, deps)));
  return due.length;
}

/** Tries one delivery, unless another process has claimed it. */
export async function deliverMessage(delivery: AlertDelivery, deps: DeliverDeps): Promise<void> {
  const { watches, send, clock, log } = deps;
  const claimed = { ...delivery, nextTryAt: epochMillis(clock.wall() + CLAIM) };
  if (!(await watches.replaceDelivery(claimed))) return;
  const answer = await send(delivery);
  const after = afterTry(delivery, answer, clock.wall());
  await watches.replaceDelivery({ ...after, version: delivery.version + 1 });
  const { id, watch, tries, state } = after;
  if (state === 'given-up') deps.onGivenUp?.();
  log.info('message-sent', { delivery: id, watch, tries, state });
}
