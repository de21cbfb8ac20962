import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { Scan } from '../../shared/domain/scan.ts';
import { isoTime } from '../../shared/report/formats/time.ts';
import { messageJson } from '../../shared/watch/message-bodies.ts';
import { messageText, messageTitle } from '../../shared/watch/message-text.ts';
import { TELLING } from '../aws/clients.ts';
import type { TellService } from './send-message.ts';

/** SNS takes so many characters of ASCII as the subject of a mail. */
const MOST_OF_SUBJECT = 100;

/** Publishes to the topic: the text to those who read mail, the JSON to everybody else. */
export function makeTopic(TopicArn: string, config: typeof TELLING = TELLING): TellService {
  const client = new SNSClient(config);
  return async ({ id, message }) => {
    const json = JSON.stringify(messageJson(message));
    const attribute = (StringValue: string) => ({ DataType: 'String', StringValue });
    const { MessageId } = await client.send(
      new PublishCommand({
        TopicArn,
        Subject: messageTitle(message)
          .replace(/[^\x20-\x7e]/g, '?')
          .slice(0, MOST_OF_SUBJECT),
        MessageStructure: 'json',
        Message: JSON.stringify({ default: json, email: messageText(message) }),
        MessageAttributes: {
          delivery: attribute(id),
          kind: attribute(message.kind),
          watch: attribute(message.watch.name),
        },
      }),
    );
    return `published as ${MessageId}`;
  };
}

/** Events for the rules of the account; docs/watch.md has their schema. */
export interface AccountEvents {
  readonly watchChanged: TellService;
  scanEnded(scan: Scan): Promise<void>;
}

const SOURCE = 'portfleet';

export function makeAccountEvents(
  EventBusName: string,
  deployment: string,
  config: typeof TELLING = TELLING,
): AccountEvents {
  const client = new EventBridgeClient(config);
  const put = async (DetailType: string, detail: object, Time: Date): Promise<string> => {
    const Detail = JSON.stringify({ deployment, ...detail });
    const { Entries: [entry] = [] } = await client.send(
      new PutEventsCommand({ Entries: [{ EventBusName, Source: SOURCE, DetailType, Detail, Time }] }),
    );
    // A call that succeeds may still have refused the event.
    if (entry?.ErrorCode !== undefined) throw Object.assign(new Error(entry.ErrorMessage), { name: entry.ErrorCode });
    return `event ${entry?.EventId}`;
  };
  return {
    watchChanged: ({ id, message }) =>
      put('Portfleet Watch Changed', { delivery: id, ...messageJson(message) }, new Date(message.at)),
    scanEnded: async (scan) => {
      const at = scan.finishedAt ?? scan.submittedAt;
      await put('Portfleet Scan Ended', scanDetail(scan, isoTime(at)), new Date(at));
    },
  };
}

/** No targets: they may be many, and whoever may know them can read the scan. */
const scanDetail = ({ id, status, submittedAt, submittedBy, summary }: Scan, endedAt: string) => ({
  version: 1,
  ...{ id, scan: id, status, endedAt, submittedAt: isoTime(submittedAt) },
  submittedBy: submittedBy?.caller ?? null,
  planned: summary?.planned ?? null,
  open: summary ? openPorts(summary.settled) : null,
  unprobed: summary ? sum(Object.values(summary.unprobed)) : null,
});

const openPorts = (settled: Readonly<Record<string, number>>): number =>
  sum(Object.entries(settled).flatMap(([verdict, count]) => (verdict.startsWith('open/') ? count : [])));

const sum = (counts: readonly (number | undefined)[]): number =>
  counts.reduce<number>((total, count) => total + (count ?? 0), 0);
