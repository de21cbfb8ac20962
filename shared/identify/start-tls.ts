import { bytesOfLatin1, latin1 } from '../domain/bytes.ts';
import type { TlsFacts } from '../domain/tls-facts.ts';
import type { Exchange } from './exchange.ts';
import { MATCHERS } from './protocols/all.ts';
import type { StartTls } from './protocols/kit/matcher.ts';
import type { SessionRun } from './session-run.ts';

/** A certificate may wait behind a command: mail, directories and databases begin in plain text. */
export async function lookBehindStartTls(
  run: SessionRun,
  onConnection: (use: (exchange: Exchange) => Promise<void>) => Promise<void>,
): Promise<void> {
  const { match, deps } = run;
  const startTls = MATCHERS.find(({ name }) => name === match?.name)?.startTls;
  if (startTls === undefined || match === null || deps.stop.stopped) return;
  await onConnection(async (exchange) => {
    run.tls = await upgrade(run, startTls, match.name, exchange);
  });
}

/** Takes a connection into TLS as its protocol has it; null where the server will not. */
async function upgrade(
  { target, waits }: SessionRun,
  startTls: StartTls,
  service: string,
  exchange: Exchange,
): Promise<TlsFacts | null> {
  for (const { say, ready } of startTls) {
    if (say !== null) exchange.send(bytesOfLatin1(say.replaceAll('%h', target.host)));
    if (ready === null) continue;
    const answer = await exchange.hear(say === null ? waits.greeting('long') : waits.answer('short'), waits.pause);
    if (!ready.test(latin1(answer))) return null;
  }
  const secured = await exchange.secure({ serverName: target.serverName, alpn: [] }, waits.answer('short'));
  return secured.kind === 'secured' ? { ...secured.tls, startTls: service } : null;
}
