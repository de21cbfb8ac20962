import type { AlertDelivery } from '../../shared/domain/watch-message.ts';
import { printable } from '../../shared/report/formats/printable.ts';
import type { ReceiverAnswer } from '../../shared/watch/backoff.ts';
import { messageText, messageTitle } from '../../shared/watch/message-text.ts';

/** The server that mail is handed to, and the address it comes from. */
export interface MailServer {
  /** "smtp://user:word@mail.example.org:587", or "smtps://…" for TLS from the first byte. */
  readonly url: string;
  readonly from: string;
}

/** Longer than this no server is waited for, at any step. */
const PATIENCE = 15_000;

/**
 * Hands the message to the mail server. The Message-ID is that of the delivery, so a mail that was sent twice because
 * a process died in between is one mail for every reader. The library is loaded when there is mail to send.
 */
export async function sendMail(
  to: string,
  { id, message }: AlertDelivery,
  server: MailServer,
): Promise<ReceiverAnswer> {
  const { createTransport } = await import('nodemailer');
  const patience = { connectionTimeout: PATIENCE, greetingTimeout: PATIENCE, socketTimeout: PATIENCE };
  try {
    const transport = createTransport({ url: server.url, ...patience }, { from: server.from });
    const sent = await transport.sendMail({
      to,
      subject: messageTitle(message),
      text: messageText(message),
      messageId: `<${id}@portfleet.invalid>`,
    });
    transport.close();
    return { kind: 'taken', answer: printable(sent.response) };
  } catch (error) {
    return { kind: 'again', answer: printable(error instanceof Error ? error.message : String(error)) };
  }
}
