import type { Address } from '../../shared/domain/units.ts';
import type { AlertDelivery } from '../../shared/domain/watch-message.ts';
import { postMessage } from '../../shared/net/post-message.ts';
import { LOCAL_POLICY, prohibitions } from '../../shared/request/target-policy.ts';
import type { Clock } from '../../shared/seams/clock.ts';
import type { WatchStore } from '../../shared/seams/watch-store.ts';
import type { SendMessage } from '../../shared/usecases/deliver-messages.ts';
import type { ReceiverAnswer } from '../../shared/watch/backoff.ts';
import { messageJson, webhookBody } from '../../shared/watch/message-bodies.ts';
import { messageText } from '../../shared/watch/message-text.ts';
import { postedAnswer } from '../../shared/watch/posted-answer.ts';
import { parseReceiver, type Receiver } from '../../shared/watch/receiver.ts';
import { runProgramWith } from './run-program.ts';
import { type MailServer, sendMail } from './send-mail.ts';

export interface LocalSenderDeps {
  readonly watches: Pick<WatchStore, 'readWatch'>;
  readonly clock: Pick<Clock, 'wall'>;
  readonly print: (text: string) => void;
  /** Null where no mail server is named; a mail is then tried again, for as long as anything is. */
  readonly mail: MailServer | null;
}

/** Ten seconds are what a webhook gets: it is to take a message, not to act on it. */
const WEBHOOK_PATIENCE = 10_000;

/** Tells the receivers that one machine can tell. */
export function makeLocalSender(deps: LocalSenderDeps): SendMessage {
  return async (delivery) => {
    const receiver = parseReceiver(delivery.receiver, 'notify', 'machine');
    if (!receiver.ok) return { kind: 'never', answer: receiver.errors.map(({ detail }) => detail).join(' ') };
    return tell(receiver.value, delivery, deps);
  };
}

async function tell(receiver: Receiver, delivery: AlertDelivery, deps: LocalSenderDeps): Promise<ReceiverAnswer> {
  switch (receiver.kind) {
    case 'stdout':
      deps.print(messageText(delivery.message));
      return { kind: 'taken', answer: 'printed' };
    case 'exec':
      return runProgramWith(receiver.path, `${JSON.stringify(messageJson(delivery.message))}\n`);
    case 'mail':
      return deps.mail ? sendMail(receiver.to, delivery, deps.mail) : { kind: 'again', answer: NO_MAIL };
    case 'webhook':
    case 'slack':
    case 'teams':
    case 'discord':
      return post(receiver.url, webhookBody(receiver.kind, delivery.message), delivery, deps);
    case 'sns':
      return { kind: 'never', answer: 'Only a deployment has a topic.' };
    default:
      return receiver satisfies never;
  }
}

const NO_MAIL = 'No mail server is named: set PORTFLEET_SMTP and PORTFLEET_MAIL_FROM.';

async function post(
  url: string,
  body: string,
  { id, watch }: AlertDelivery,
  deps: LocalSenderDeps,
): Promise<ReceiverAnswer> {
  const secret = (await deps.watches.readWatch(watch))?.secret;
  if (secret === undefined) return { kind: 'never', answer: 'The watch is gone.' };
  const posting = { url, body, id, secret, at: Math.floor(deps.clock.wall() / 1_000) };
  // One's own machine may tell one's own network, but nothing that is never spoken to: metadata, multicast, broadcast.
  const prohibited = prohibitions(LOCAL_POLICY);
  const allows = (address: Address) => prohibited(address) === undefined;
  return postedAnswer(await postMessage(posting, { allows, timeout: WEBHOOK_PATIENCE }));
}
