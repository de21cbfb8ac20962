import type { EpochMillis } from '../domain/units.ts';
import type { Watch } from '../domain/watch.ts';
import type { AlertDelivery, WatchMessage } from '../domain/watch-message.ts';

/** The message on its way to each receiver that the watch names, and to those that are told of every watch. */
export function deliveriesOf(
  { id, spec }: Watch,
  message: WatchMessage,
  dueAt: EpochMillis,
  alwaysTold: readonly string[] = [],
): AlertDelivery[] {
  const receivers = [
    ...spec.notify.map((receiver, index) => [receiver, `${index + 1}`] as const),
    ...alwaysTold.map((receiver) => [receiver, receiver] as const),
  ];
  return receivers.map(([receiver, which]) => ({
    id: `${message.id}-to-${which}`,
    version: 0,
    watch: id,
    receiver,
    message,
    state: 'waiting',
    tries: 0,
    createdAt: dueAt,
    nextTryAt: dueAt,
    answer: null,
  }));
}
