import { bytesOfLatin1, latin1 } from '../domain/bytes.ts';
import type { TlsVersion } from '../domain/tls-facts.ts';
import type { Exchange, Secured } from './exchange.ts';
import { MATCHERS } from './protocols/all.ts';
import type { StartTls } from './protocols/kit/matcher.ts';
import type { SessionRun } from './session-run.ts';

/** How a service that begins in plain text is taken into TLS; undefined where it has no words for it. */
export const startTlsOf = (service: string | undefined): StartTls | undefined =>
  MATCHERS.find(({ name }) => name === service)?.startTls;

/** A certificate may wait behind a command: mail, directories and databases begin in plain text. */
export async function lookBehindStartTls(
  run: SessionRun,
  onConnection: (use: (exchange: Exchange) => Promise<void>) => Promise<void>,
): Promise<void> {
  const { match, deps } = run;
  const startTls = startTlsOf(match?.name);
  if (startTls === undefined || match === null || deps.stop.stopped) return;
  await onConnection(async (exchange) => {
    const secured = await upgrade(run, startTls, exchange);
    if (secured?.kind === 'secured') run.tls = { ...secured.tls, startTls: match.name };
  });
}

/** Takes a connection into TLS as its protocol has it; null where the server will not hear of it. */
export async function upgrade(
  { target, waits }: SessionRun,
  startTls: StartTls,
  exchange: Exchange,
  only?: TlsVersion,
): Promise<Secured | null> {
  for (const { say, ready } of startTls) {
    if (say !== null) exchange.send(bytesOfLatin1(say.replaceAll('%h', target.host)));
    if (ready === null) continue;
    const answer = await exchange.hear(say === null ? waits.greeting('long') : waits.answer('short'), waits.pause);
    if (!ready.test(latin1(answer))) return null;
  }
  const hello = { serverName: target.serverName, alpn: [], ...(only && { only }) };
  return exchange.secure(hello, waits.answer('short'));
}
