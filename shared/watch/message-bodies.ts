import type { EpochMillis } from '../domain/units.ts';
import type { WatchMessage } from '../domain/watch-message.ts';
import { isoTime } from '../report/formats/time.ts';
import { kindOf, portOf, portOfSubject } from './facts.ts';
import { messageText, messageTitle } from './message-text.ts';
import type { WebhookKind } from './receiver.ts';

const timeOrNull = (at: EpochMillis | null): string | null => (at === null ? null : isoTime(at));

/** The message for programs: what a webhook and a command are given, and the detail of an event. See docs/watch.md. */
export function messageJson(message: WatchMessage) {
  const { id, kind, watch, run, at, scan, count, failure } = message;
  return {
    version: 1,
    ...{ id, kind, watch, run, at: isoTime(at), scan, count, failure },
    title: messageTitle(message),
    text: messageText(message),
    changes: message.changes.map(
      ({ id: change, host, address, subject, before, after, since, otherwiseAt, isBack }) => {
        const port = portOfSubject(subject);
        return {
          id: change,
          alert: change.split('-', 1)[0],
          ...{ host, address, what: kindOf(subject) },
          ...(port === undefined ? { protocol: null, port: null } : portOf(port)),
          ...{ before, after, since: isoTime(since), otherwiseAt: timeOrNull(otherwiseAt), isBack },
        };
      },
    ),
  };
}

/** Discord refuses a message of more characters; the others take more than we ever write. */
const MOST_OF_DISCORD = 2_000;

/** What is posted to a webhook of that kind. */
export function webhookBody(kind: WebhookKind, message: WatchMessage): string {
  const text = messageText(message);
  switch (kind) {
    case 'webhook':
      return JSON.stringify(messageJson(message));
    case 'slack':
      // The three characters that Slack's markup begins with: a service must not be able to mention a channel.
      return JSON.stringify({ text: text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;') });
    case 'teams':
      return JSON.stringify(adaptiveCard(text));
    case 'discord':
      return JSON.stringify({ content: text.slice(0, MOST_OF_DISCORD), allowed_mentions: { parse: [] } });
    default:
      return kind satisfies never;
  }
}

/** A line a block: a card folds the lines of one. Text in a "RichTextBlock" is not read as markup. */
const adaptiveCard = (text: string) => ({
  type: 'message',
  attachments: [
    {
      contentType: 'application/vnd.microsoft.card.adaptive',
      content: {
        $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
        type: 'AdaptiveCard',
        version: '1.4',
        body: text
          .trimEnd()
          .split('\n')
          .map((line) => ({ type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: line }] })),
      },
    },
  ],
});
