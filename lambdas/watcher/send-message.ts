import type { Address } from '../../shared/domain/units.ts';
import type { AlertDelivery } from '../../shared/domain/watch-message.ts';
import { postMessage } from '../../shared/net/post-message.ts';
import type { Clock } from '../../shared/seams/clock.ts';
import type { WatchStore } from '../../shared/seams/watch-store.ts';
import type { SendMessage } from '../../shared/usecases/deliver-messages.ts';
import type { ReceiverAnswer } from '../../shared/watch/backoff.ts';
import { webhookBody } from '../../shared/watch/message-bodies.ts';
import { postedAnswer } from '../../shared/watch/posted-answer.ts';
import { parseReceiver } from '../../shared/watch/receiver.ts';

/** A service of AWS that takes messages; fails with the name of the service's own error. */
export type TellService = (delivery: AlertDelivery) => Promise<string>;

export interface DeployedSenderDeps {
  readonly watches: Pick<WatchStore, 'readWatch'>;
  readonly clock: Pick<Clock, 'wall'>;
  /** May a message go to that address? */
  readonly allows: (address: Address) => boolean;
  /** By the words that a delivery has for it as its receiver. */
  readonly services: Readonly<Record<string, TellService>>;
}

/** Ten seconds are what a webhook gets: it is to take a message, not to act on it. */
const WEBHOOK_PATIENCE = 10_000;

/** Tells the receivers that a deployment can tell. */
export function makeDeployedSender(deps: DeployedSenderDeps): SendMessage {
  return async (delivery) => {
    const service = Object.hasOwn(deps.services, delivery.receiver) ? deps.services[delivery.receiver] : undefined;
    if (service) return answerOf(service(delivery));
    const receiver = parseReceiver(delivery.receiver, 'notify', 'account');
    if (!receiver.ok) return { kind: 'never', answer: receiver.errors.map(({ detail }) => detail).join(' ') };
    const { value } = receiver;
    return 'url' in value
      ? post(value.url, webhookBody(value.kind, delivery.message), delivery, deps)
      : { kind: 'never', answer: `This deployment does not tell "${value.kind}".` };
  };
}

/** Whatever a service of AWS refuses may be a mistake of today: a topic's policy, a hub that is not switched on. */
const answerOf = (telling: Promise<string>): Promise<ReceiverAnswer> =>
  telling.then(
    (answer) => ({ kind: 'taken', answer }),
    (error: unknown) => ({ kind: 'again', answer: error instanceof Error ? error.name : String(error) }),
  );

async function post(
  url: string,
  body: string,
  { id, watch }: AlertDelivery,
  { watches, clock, allows }: DeployedSenderDeps,
): Promise<ReceiverAnswer> {
  const secret = (await watches.readWatch(watch))?.secret;
  if (secret === undefined) return { kind: 'never', answer: 'The watch is gone.' };
  const posting = { url, body, id, secret, at: Math.floor(clock.wall() / 1_000) };
  return postedAnswer(await postMessage(posting, { allows, timeout: WEBHOOK_PATIENCE }));
}
