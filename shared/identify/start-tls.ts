import { latin1 } from '../domain/bytes.ts';
import type { TlsFacts } from '../domain/tls-facts.ts';
import type { Exchange } from './exchange.ts';
import { MATCHERS } from './protocols/all.ts';
import type { Match, StartTls } from './protocols/kit/matcher.ts';
import type { Waits } from './session-waits.ts';

/** How the matched protocol leaves plain text, if it can. */
export const startTlsOf = (match: Match | null): StartTls | undefined =>
  MATCHERS.find(({ name }) => name === match?.name)?.startTls;

/** Talks a line into TLS as its protocol has it; null where the server will not. */
export async function talkIntoTls(
  { steps }: StartTls,
  service: string,
  serverName: string | null,
  talk: Exchange,
  waits: Waits,
): Promise<TlsFacts | null> {
  for (const { say, ready } of steps) {
    if (say !== null) talk.say(say);
    if (ready === null) continue;
    const answer = await talk.hear(say === null ? waits.greeting('long') : waits.answer('short'), waits.pause);
    if (!ready.test(latin1(answer))) return null;
  }
  const secured = await talk.secure({ serverName, alpn: [] }, waits.answer('short'));
  return secured.kind === 'secured' ? { ...secured.tls, startTls: service } : null;
}
