import { TLS_VERSIONS, type TlsVersion } from '../domain/tls-facts.ts';
import type { Exchange, Secured } from './exchange.ts';
import type { SessionRun } from './session-run.ts';
import { startTlsOf, upgrade } from './start-tls.ts';

/**
 * Which versions of TLS the port accepts: each that was not spoken yet is offered alone, on a connection of its own. Only
 * what the server itself turned down counts as refused: where a connection comes to nothing, nothing is claimed.
 */
export async function findTlsVersions(
  run: SessionRun,
  onConnection: (use: (exchange: Exchange) => Promise<void>) => Promise<void>,
): Promise<void> {
  const { tls, deps } = run;
  if (tls === null) return;
  const accepts: TlsVersion[] = [];
  for (const version of TLS_VERSIONS) {
    let accepted: boolean | null = version === tls.version ? true : null;
    if (accepted === null && !deps.stop.stopped) {
      await onConnection(async (exchange) => {
        accepted = isAccepted(await offer(run, exchange, version), exchange);
      });
    }
    if (accepted === null) return;
    if (accepted) accepts.push(version);
  }
  run.tls = { ...tls, accepts };
}

function offer(run: SessionRun, exchange: Exchange, only: TlsVersion): Promise<Secured | null> {
  const { target, waits, tls } = run;
  const startTls = startTlsOf(tls?.startTls ?? undefined);
  if (startTls !== undefined) return upgrade(run, startTls, exchange, only);
  return exchange.secure({ serverName: target.serverName, alpn: [], only }, waits.answer('short'));
}

/** How a server that will not speak a version ends the connection without an alert. */
const TURNED_DOWN: readonly (string | null)[] = [null, 'ECONNRESET', 'EPIPE'];

/** Null where it is not the server that said no: it fell silent, or OpenSSL here will not offer that version. */
function isAccepted(secured: Secured | null, exchange: Exchange): boolean | null {
  if (secured === null) return null;
  if (secured.kind === 'secured') return true;
  if (secured.kind === 'alert') return false;
  return exchange.isOver() && TURNED_DOWN.includes(exchange.errno()) ? false : null;
}
