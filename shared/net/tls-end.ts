import { constants } from 'node:crypto';
import type { Socket } from 'node:net';
import { connect, createSecureContext, type EphemeralKeyInfo, type SecureContext, type TLSSocket } from 'node:tls';
import type { TlsFacts, TlsVersion } from '../domain/tls-facts.ts';
import type { TlsHello } from '../seams/connector.ts';
import { certificateFacts } from './certificate-facts.ts';

/** The client's end of one TLS session. */
export interface TlsEnd {
  send(bytes: Uint8Array): void;
  close(): void;
}

export interface TlsEvents {
  secured(tls: TlsFacts): void;
  /** The handshake failed; `alert` says whether the peer refused in TLS's own words. */
  refused(alert: boolean): void;
  data(bytes: Uint8Array): void;
  ended(errno: string | null): void;
}

/** OpenSSL's names for alerts that the peer sent: "ERR_SSL_TLSV1_ALERT_…", "ERR_SSL_SSLV3_ALERT_…". */
const PEERS_ALERT = /^ERR_SSL_(?:SSLV3|TLSV1|TLSV13)_ALERT_/;

/** What the OpenSSL of this machine may not offer, it refuses by itself: nothing was sent. */
const OUR_OWN = /^ERR_SSL_NO_(?:PROTOCOLS|CIPHERS)_AVAILABLE$/;

/**
 * What an old or strict server may have: we look at its certificate and send no secret, so a weak session does no harm.
 * Security level 0 is what allows TLS 1.0 and 1.1 with OpenSSL 3. NRPE as Debian has it knows only suites without a
 * certificate. No authority is loaded: nothing is verified.
 */
const LENIENT = {
  minVersion: 'TLSv1',
  ciphers: 'ALL:!PSK:!SRP:+aNULL@SECLEVEL=0',
  secureOptions: constants.SSL_OP_LEGACY_SERVER_CONNECT,
  ca: [],
} as const;

const contexts = new Map<TlsVersion | undefined, SecureContext>();

/** Made once: a context takes a millisecond. */
function contextFor(only: TlsVersion | undefined): SecureContext {
  const made = contexts.get(only);
  if (made) return made;
  const versions = only === undefined ? {} : { minVersion: only, maxVersion: only };
  const context = createSecureContext({ ...LENIENT, ca: [...LENIENT.ca], ...versions });
  contexts.set(only, context);
  return context;
}

/** Makes the socket, which must be connected, speak TLS as a client. */
export function beginTls(socket: Socket, hello: TlsHello, events: TlsEvents): TlsEnd {
  const session = connect({
    socket,
    secureContext: contextFor(hello.only),
    rejectUnauthorized: false,
    ...(hello.serverName !== null && { servername: hello.serverName }),
    ...(hello.alpn.length > 0 && { ALPNProtocols: [...hello.alpn] }),
  });
  let secured = false;
  session.on('secureConnect', () => {
    secured = true;
    events.secured({
      version: session.getProtocol() ?? 'unknown',
      cipher: session.getCipher().standardName,
      ...ephemeralKeyOf(session),
      alpn: session.alpnProtocol || null,
      serverName: hello.serverName,
      startTls: null,
      certificate: certificateFacts(session.getPeerX509Certificate()),
    });
  });
  session.on('data', (bytes: Uint8Array) => events.data(bytes));
  session.on('error', (error: NodeJS.ErrnoException) => {
    const code = error.code ?? error.message;
    if (secured || !code.startsWith('ERR_SSL_') || OUR_OWN.test(code)) events.ended(code);
    else events.refused(PEERS_ALERT.test(code));
  });
  session.on('close', () => (secured ? events.ended(null) : events.refused(false)));
  return {
    send: (bytes) => void session.write(bytes),
    close: () => void session.destroy(),
  };
}

/** What OpenSSL calls the key: its kind, its curve if it has one, and its bits where they are what counts. */
function ephemeralKeyOf(session: TLSSocket): Pick<TlsFacts, 'ephemeralKey'> {
  const key = session.getEphemeralKeyInfo() as EphemeralKeyInfo | null;
  if (!key?.type) return {};
  return { ephemeralKey: [key.type, key.name ?? String(key.size)].join(' ') };
}
