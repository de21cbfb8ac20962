import { type ErrorValue, errorValue } from '../domain/errors.ts';
import { err, ok, type Result } from '../domain/result.ts';

/** Whom a watch tells, read. */
export type Receiver =
  | { readonly kind: 'stdout' }
  /** A program and nothing else: no arguments, no shell. It reads the message as JSON from its standard input. */
  | { readonly kind: 'exec'; readonly path: string }
  | { readonly kind: WebhookKind; readonly url: string }
  | { readonly kind: 'mail'; readonly to: string }
  /** The topic of the deployment. */
  | { readonly kind: 'sns' };

/** What is posted: the whole message as JSON with a signature, or the shape that a chat takes. */
export const WEBHOOK_KINDS = ['webhook', 'slack', 'teams', 'discord'] as const;
export type WebhookKind = (typeof WEBHOOK_KINDS)[number];

/**
 * Where the watch is written down: by a command on one machine, through the server on it, or in a deployment. Through the
 * server no request names a program: a page in a browser must not start one. A deployment has neither programs nor mail, but
 * a topic, and speaks to nothing without TLS. A command with an endpoint does not know which of the two it speaks to, and
 * leaves it to that to refuse what it cannot do.
 */
export type WatchPlace = 'machine' | 'server' | 'account' | 'endpoint';

/** The receiver that `text` names. Errors: OPTION_UNREADABLE at `field`. */
export function parseReceiver(text: string, field: string, place: WatchPlace): Result<Receiver> {
  if (place === 'endpoint') {
    const deployed = parseReceiver(text, field, 'account');
    return deployed.ok ? deployed : parseReceiver(text, field, 'server');
  }
  const colon = text.indexOf(':');
  const [kind, rest] = colon < 0 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)];
  if (kind === 'https' || kind === 'http') return webhook('webhook', text, { text, field, place });
  const known = WEBHOOK_KINDS.find((each) => each === kind);
  if (known) return webhook(known, rest, { text, field, place });
  if (place === 'account') return text === 'sns' ? ok({ kind: 'sns' }) : err(unreadable(text, field, place));
  if (text === 'stdout') return ok({ kind: 'stdout' });
  if (kind === 'exec' && rest !== '' && place === 'machine') return ok({ kind: 'exec', path: rest });
  if (kind === 'mailto' && MAIL.test(rest)) return ok({ kind: 'mail', to: rest });
  return err(unreadable(text, field, place));
}

/** One plain address: no name, no list, nothing that could end a header. */
const MAIL = /^[^\s@<>,;:"]+@[^\s@<>,;:"]+$/;

type KnownPlace = Exclude<WatchPlace, 'endpoint'>;

const TAKES = {
  machine:
    'stdout, exec:./program, https://…, slack:https://…, teams:https://…, discord:https://… or mailto:you@example.org',
  server:
    'stdout, https://…, slack:https://…, teams:https://…, discord:https://… or mailto:you@example.org; a program is named with the command',
  account: 'sns, https://…, slack:https://…, teams:https://… or discord:https://…; subscribe mail to the topic of sns',
} as const satisfies Record<KnownPlace, string>;

function unreadable(text: string, field: string, place: KnownPlace): ErrorValue {
  const at = { field, text, start: 0, end: text.length };
  return errorValue('OPTION_UNREADABLE', `"${text}" is not a receiver.`, {
    at,
    hint: `Write ${TAKES[place]}.`,
  });
}

/** What was written, and where. */
interface ReceiverText {
  readonly text: string;
  readonly field: string;
  readonly place: KnownPlace;
}

function webhook(kind: WebhookKind, address: string, { text, field, place }: ReceiverText): Result<Receiver> {
  const url = URL.canParse(address) ? new URL(address) : null;
  const isOwn = place !== 'account' && url?.protocol === 'http:' && LOOPBACK_HOST.test(url.hostname);
  const isSafe = url?.protocol === 'https:' && url.username === '' && url.password === '';
  if (url && (isOwn || isSafe)) return ok({ kind, url: url.href });
  const at = { field, text, start: 0, end: text.length };
  const hint = `Write an https address without user and password${place === 'account' ? '' : HTTP_HERE}.`;
  return err(errorValue('OPTION_UNREADABLE', `"${text}" is no address that a message may go to.`, { at, hint }));
}

const HTTP_HERE = '; http only to this machine (http://127.0.0.1:8080/)';

const LOOPBACK_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** The receiver in words that show no secret: the paths of a chat's addresses are as good as its password. */
export function receiverWords(text: string): string {
  const scheme = text.indexOf('://');
  if (scheme < 0) return text;
  const slash = text.indexOf('/', scheme + 3);
  return slash < 0 || slash === text.length - 1 ? text : `${text.slice(0, slash)}/…`;
}
