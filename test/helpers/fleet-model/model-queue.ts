import type { SQSRecord } from 'aws-lambda';
import type { Millis } from '../../../shared/domain/units.ts';
import type { Clock } from '../../../shared/seams/clock.ts';
import type { Random } from '../faults.ts';
import { sqsRecordOf } from '../lambda/events.ts';

/** A message on its way, as SQS keeps it. */
interface Message {
  readonly id: string;
  readonly body: string;
  readonly group: string;
  readonly sentAt: number;
  receives: number;
  visibleAt: number;
}

interface HowSent {
  readonly group?: string;
  readonly key?: string;
  /** Milliseconds until it may be delivered. */
  readonly delay?: number;
}

export interface ModelQueue {
  send(body: unknown, how?: HowSent): void;
  /** The next message that may be delivered; undefined where there is none at this moment. */
  receive(): SQSRecord | undefined;
  /** With the receipt of an earlier delivery nothing happens. */
  remove(record: SQSRecord): void;
  /** False where the delivery is over, which SQS refuses. */
  hide(record: SQSRecord, length: Millis): boolean;
  /** Resolves when a message may be there to be received. */
  changed(): Promise<void>;
  readonly size: number;
}

export interface QueueRules {
  readonly clock: Clock;
  readonly random: Random;
  /** Messages of one group in order, and never two of them in flight; keys are remembered for five minutes. */
  readonly kind: 'fifo' | 'standard';
  readonly visibility: number;
  readonly mostReceives: number;
  /** Where a message goes that was received too often. */
  readonly onDead: (body: string, group: string) => void;
}

/** SQS remembers a deduplication key for so long. */
const KEYS_KEPT = 5 * 60_000;

/** A standard queue hands one in ten out twice, and in any order: more than SQS does. */
const TWICE = 0.1;

/** A queue of SQS as far as the protocol leans on it, over a clock of its own. */
export function makeModelQueue({ clock, random, kind, visibility, mostReceives, onDead }: QueueRules): ModelQueue {
  let messages: Message[] = [];
  const keys = new Map<string, number>();
  let waiting: (() => void)[] = [];
  let count = 0;
  const wake = (): void => {
    const woken = waiting;
    waiting = [];
    for (const each of woken) each();
  };
  const find = ({ messageId, receiptHandle }: SQSRecord): Message | undefined =>
    messages.find(({ id, receives }) => id === messageId && receiptHandle === `${id}/${receives}`);
  const isOpen = (message: Message, place: number): boolean =>
    kind === 'standard' ||
    messages.every(
      (other, at) =>
        other.group !== message.group || (other.visibleAt <= clock.now() && (at >= place || other === message)),
    );
  const later = (at: number): void => void clock.after((at - clock.now()) as Millis, wake);
  const receive = (): SQSRecord | undefined => {
    const visible = messages.filter((each, place) => each.visibleAt <= clock.now() && isOpen(each, place));
    const next = visible[kind === 'fifo' ? 0 : Math.floor(random() * visible.length)];
    if (!next) return undefined;
    if (next.receives >= mostReceives) {
      messages = messages.filter((each) => each !== next);
      onDead(next.body, next.group);
      return receive();
    }
    next.receives += 1;
    if (kind === 'fifo' || random() >= TWICE) {
      next.visibleAt = clock.now() + visibility;
      later(next.visibleAt);
    }
    const { id: messageId, body, group, receives } = next;
    return sqsRecordOf({
      messageId,
      receiptHandle: `${messageId}/${receives}`,
      body,
      receiveCount: `${receives}`,
      group,
    });
  };
  return {
    send(body, { group = 'any', key, delay = 0 } = {}) {
      if (key !== undefined && (keys.get(key) ?? -KEYS_KEPT) > clock.now() - KEYS_KEPT) return;
      if (key !== undefined) keys.set(key, clock.now());
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      messages.push({
        id: `m${++count}`,
        body: text,
        group,
        sentAt: clock.now(),
        receives: 0,
        visibleAt: clock.now() + delay,
      });
      if (delay > 0) later(clock.now() + delay);
      wake();
    },
    receive,
    remove(record) {
      const message = find(record);
      if (message) messages = messages.filter((each) => each !== message);
      wake();
    },
    hide(record, length) {
      const message = find(record);
      if (!message || message.visibleAt <= clock.now()) return false;
      message.visibleAt = clock.now() + length;
      later(message.visibleAt);
      wake();
      return true;
    },
    changed: () => new Promise((resolve) => void waiting.push(resolve)),
    get size() {
      return messages.length;
    },
  };
}
