import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { latin1 } from '../../../shared/domain/bytes.ts';
import type { Finding } from '../../../shared/domain/finding.ts';
import { millis, type PortNumber } from '../../../shared/domain/units.ts';
import { makeSocketBudget } from '../../../shared/engine/socket-budget.ts';
import { MOST_HEARD } from '../../../shared/identify/exchange.ts';
import type { IdentifyDeps } from '../../../shared/identify/identify-services.ts';
import { nodeConnector } from '../../../shared/net/node-connector.ts';
import { systemClock } from '../../../shared/net/system-clock.ts';
import type { Connector } from '../../../shared/seams/connector.ts';
import { identifyAt, identifyPorts } from '../../helpers/identify.ts';
import { openService, QUIET_LOOPBACK } from '../../helpers/ports.ts';
import { tempDir } from '../../helpers/temp-dir.ts';
import { makeCertificate } from '../../helpers/tls-certificate.ts';
import { makeChain } from '../../helpers/tls-chain.ts';
import { virtualConnector } from '../../helpers/virtual-connector.ts';
import { virtualNetwork } from '../../helpers/virtual-network.ts';

/** What became of the port of a server that does `behave` with each connection. It is closed only when every connection is. */
async function identified(
  behave: (socket: Socket) => void,
  over: Partial<IdentifyDeps> = {},
): Promise<{ readonly finding: Finding | undefined; readonly connections: number; readonly resets: number }> {
  let [connections, resets] = [0, 0];
  const server = await openService((socket) => {
    connections += 1;
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // Which of the two depends on whether it was reading or writing when the reset came.
      if (error.code === 'ECONNRESET' || error.code === 'EPIPE') resets += 1;
    });
    behave(socket);
  });
  const { findings } = await identifyAt([server.port], over);
  await server[Symbol.asyncDispose]();
  return { finding: findings[0], connections, resets };
}

/** Writes for ever, as fast as the other side takes it. */
function talkForEver(socket: Socket, bytes: Buffer): void {
  const write = (): void => {
    while (!socket.destroyed && socket.write(bytes)) {
      // Until the pipe is full.
    }
  };
  socket.on('drain', write);
  write();
}

/** Says something again and again, a little at a time, until the connection is closed. */
function dribble(socket: Socket, text: string): void {
  const timer = setInterval(() => socket.write(text), 20);
  socket.on('close', () => clearInterval(timer));
}

/** A port for which nothing is usual. */
const STRANGE_PORT = 40_404 as PortNumber;

/** Opened to one port at the most; see `session-run`. */
const MOST_CONNECTIONS = 8;

describe.concurrent('a service that', () => {
  it('never stops talking is heard up to 4 KB, and its connection is reset', async () => {
    const { finding, connections, resets } = await identified((socket) =>
      talkForEver(socket, Buffer.alloc(65_536, 'a')),
    );
    expect(finding?.banner).toBe('a'.repeat(MOST_HEARD));
    expect(finding?.service.method).toBe('table');
    expect([connections, resets]).toEqual([1, 1]);
  });

  it('greets with 64 KB at once is matched by the beginning of them', async () => {
    const { finding } = await identified((socket) => socket.end(`SSH-2.0-OpenSSH_9.9\r\n${'x'.repeat(65_536)}`));
    expect(finding?.service).toMatchObject({ name: 'ssh', version: '9.9' });
    expect(finding?.banner).toHaveLength(MOST_HEARD);
  });

  it('talks a byte at a time, for ever, is heard for as long as any other', async () => {
    const { finding, connections } = await identified((socket) => dribble(socket, 'z'));
    expect(finding?.banner).toMatch(/^z+$/);
    expect(connections).toBe(1);
  });

  it('says nothing, ever, is left in peace after a few probes', async () => {
    const { clock, run } = virtualNetwork({});
    const connector = virtualConnector(clock, {});
    const { findings } = await run(identifyPorts([STRANGE_PORT], { clock, connector }));
    expect(findings[0]).toMatchObject({ banner: '', service: { name: 'unavailable', method: 'table' } });
    expect(connector.connected.get(STRANGE_PORT)).toBeGreaterThan(1);
    expect(connector.connected.get(STRANGE_PORT)).toBeLessThanOrEqual(MOST_CONNECTIONS);
    expect(connector.open).toBe(0);
  });

  it('closes every connection at once gets no probe to the end', async () => {
    const { finding, connections } = await identified((socket) => socket.destroy());
    expect(finding).toMatchObject({ banner: '', service: { method: 'table' } });
    expect(connections).toBeLessThanOrEqual(4);
  });

  it('closes on every probe gets those that fit, and no more', async () => {
    const { finding, connections } = await identified((socket) => socket.on('data', () => socket.resetAndDestroy()));
    expect(finding).toMatchObject({ banner: '', service: { method: 'table' } });
    expect(connections).toBeLessThanOrEqual(MOST_CONNECTIONS);
  });

  it('resets the connection in the middle of its greeting is still known by what it said', async () => {
    const { finding } = await identified((socket) => {
      socket.write('SSH-2.0-dropbear_2024.86\r\n', () => setImmediate(() => socket.resetAndDestroy()));
    });
    expect(finding?.service).toMatchObject({ name: 'ssh', product: 'dropbear' });
  });

  it('gives back whatever it is told is an echo, and nothing else', async () => {
    const { finding, connections } = await identified((socket) => socket.pipe(socket));
    expect(finding?.service).toMatchObject({ name: 'echo', method: 'probed' });
    expect(connections).toBe(1);
    expect(finding?.banner).toMatch(/^GET \/ HTTP/);
  });

  it('begins a TLS handshake and never ends it holds up nothing else', async () => {
    const { finding } = await identified((socket) => {
      socket.once('data', () => socket.write(Buffer.from('16030340001b02', 'hex')));
    });
    expect(finding?.tls).toBeUndefined();
    expect(finding?.service.method).toBe('table');
  });

  it('sends what a terminal would obey has it kept as bytes, and no control character in any text', async () => {
    const evil = 'SSH-2.0-\x1b[2J\x1b]0;owned\x07\x00\x9b31m_1.0 \u202e\r\n';
    const { finding } = await identified((socket) => socket.end(Buffer.from(evil)));
    expect(finding?.banner).toBe(latin1(new TextEncoder().encode(evil)));
    expect(finding?.service.name).toBe('ssh');
  });

  it('answers with headers without end is heard up to 4 KB', async () => {
    const { finding } = await identified((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nServer: nginx/1.27.2\r\n');
        talkForEver(socket, Buffer.from('X-Padding: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n'));
      });
    });
    expect(finding?.service).toMatchObject({ name: 'http', product: 'nginx', version: '1.27.2' });
    expect(finding?.banner?.length).toBeLessThanOrEqual(MOST_HEARD);
  });
});

/** Services that are nothing, or bait: what each does with a connection. */
const NAMELESS: Readonly<Record<string, (socket: Socket) => void>> = {
  'an endless greeting of 220': (socket) => {
    socket.write('220 ');
    talkForEver(socket, Buffer.alloc(65_536, 'A'));
  },
  'a 220 with nothing behind it': (socket) => void socket.write('220 welcome\r\n'),
  'six greetings at once': (socket) =>
    void socket.write(
      'SSH-2.0-OpenSSH_9.2\r\n220 mx.example ESMTP Postfix\r\n* OK IMAP4rev1 ready\r\n+OK POP3 ready\r\n220 FTP server ready\r\nRFB 003.008\n',
    ),
  '64 KB of noise': (socket) =>
    void socket.write(Buffer.from(Array.from({ length: 65_536 }, (_, at) => (at * 7_919 + 13) % 251))),
  'the same words to everything': (socket) => void socket.on('data', () => socket.write('no\r\n')),
  'one byte to everything': (socket) => void socket.on('data', () => socket.write('\0')),
  'zeros to everything': (socket) => void socket.on('data', () => socket.write(Buffer.alloc(512))),
  'what looks like a length': (socket) => void socket.on('data', () => socket.write(Buffer.from('00000400', 'hex'))),
  'a 220, and a 220 to everything': (socket) => {
    socket.write('220 ready\r\n');
    socket.on('data', () => socket.write('220 ready\r\n'));
  },
  'a 220, and 250 to everything': (socket) => {
    socket.write('220 ready\r\n');
    socket.on('data', () => socket.write('250 OK\r\n'));
  },
  'a 220, and what it was told behind a 500': (socket) => {
    socket.write('220 ready\r\n');
    socket.on('data', (bytes) => socket.write(`500 ${latin1(bytes)}`));
  },
  'an object of JSON to everything': (socket) =>
    void socket.on('data', () => socket.write('{"error":{"code":404,"message":"no such method"},"id":1}\r\n')),
  'a kilobyte of ones to everything': (socket) => void socket.on('data', () => socket.write(Buffer.alloc(1_024, 0xff))),
  'what it was told, backwards': (socket) => void socket.on('data', (bytes) => socket.write(bytes.reverse())),
  'what it was told without the first byte': (socket) =>
    void socket.on('data', (bytes) => socket.write(bytes.subarray(1))),
  'a status line of its own making': (socket) =>
    void socket.on('data', () => socket.write('HTTPS/9 okay\r\nServer: Apache/2.4\r\n\r\n')),
  'the names of many products': (socket) =>
    void socket.on('data', () => socket.write('Redis nginx Postfix OpenSSH MySQL PostgreSQL ProFTPD Exim\r\n')),
  'silence after a new line': (socket) => void socket.write('\r\n'),
  'an SSH banner, a byte at a time': (socket) => void socket.write('S'),
  'the beginning of a page': (socket) =>
    void socket.on('data', () => socket.write('<html><body>no status line</body></html>')),
};

describe.concurrent('no name is given to', () => {
  it.each(Object.entries(NAMELESS))('%s', async (_, behave) => {
    const { finding, connections } = await identified(behave);
    expect(finding?.service).toMatchObject({ name: 'unavailable', method: 'table' });
    expect(connections).toBeLessThanOrEqual(MOST_CONNECTIONS);
  });

  it('words that no matcher claims, but they are shown as a fingerprint', async () => {
    const { finding } = await identified((socket) => socket.write('hello "you"\x07\r\n'));
    expect(finding?.service.fingerprint).toBe('greeting "hello \\x22you\\x22\\x07\\x0d\\x0a"');
  });

  it('a service that says the same three times, and it is probed no more', async () => {
    const { connections } = await identified((socket) => socket.on('data', () => socket.end('no\r\n')));
    expect(connections).toBeLessThanOrEqual(4);
  });

  it('a service that speaks first is probed on three connections at the most', async () => {
    const { connections } = await identified((socket) => socket.write('who are you?\r\n'));
    expect(connections).toBeLessThanOrEqual(3);
  });
});

/** What became of a TLS server. */
async function identifiedTls(
  options: TlsOptions,
  behave: (socket: Socket) => void,
  over: Partial<IdentifyDeps> = {},
): Promise<Finding | undefined> {
  const server = createTlsServer(options, (socket) => {
    socket.on('error', () => {});
    behave(socket);
  });
  server.on('tlsClientError', () => {});
  server.listen(0, QUIET_LOOPBACK);
  await once(server, 'listening');
  const { findings } = await identifyAt([(server.address() as AddressInfo).port as PortNumber], over);
  server.close();
  await once(server, 'close');
  return findings[0];
}

const answerHttp = (socket: Socket): void => {
  socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nServer: Inside/1.0\r\nContent-Length: 0\r\n\r\n'));
};

describe('a server under TLS that', () => {
  it('answers inside is known by its answer and its certificate, asked for by name', async () => {
    const certificate = makeCertificate('/O=Example/CN=a.example', 'DNS:a.example,DNS:*.b.example,IP:192.0.2.1', 90);
    const names: (string | false | null)[] = [];
    const options = { ...certificate, SNICallback: undefined };
    const finding = await identifiedTls(
      options,
      (socket) => {
        names.push((socket as Socket & { servername: string | false | null }).servername);
        answerHttp(socket);
      },
      { nameOf: () => 'a.example' },
    );
    expect(finding?.service).toMatchObject({ name: 'http', product: 'Inside', version: '1.0' });
    expect(new Set(names)).toEqual(new Set(['a.example']));
    expect(finding?.tls).toMatchObject({ version: 'TLSv1.3', serverName: 'a.example', startTls: null });
    expect(finding?.tls?.certificate).toMatchObject({
      subject: 'O=Example, CN=a.example',
      issuer: 'O=Example, CN=a.example',
      names: ['a.example', '*.b.example', '192.0.2.1'],
      selfSigned: true,
      key: 'EC prime256v1',
      fingerprint: expect.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/),
    });
  });

  it('sends the authorities of its certificate along is told with each of them, the issuer first', async () => {
    const names = { root: '/O=Example/CN=root', authority: '/O=Example/CN=authority', server: '/CN=a.example' };
    const finding = await identifiedTls(makeChain(names, tempDir()), answerHttp);
    const certificate = finding?.tls?.certificate;
    expect(certificate).toMatchObject({ subject: 'CN=a.example', selfSigned: false });
    expect(certificate?.issuers).toMatchObject([
      { subject: 'O=Example, CN=authority', issuer: 'O=Example, CN=root' },
      { subject: 'O=Example, CN=root', issuer: 'O=Example, CN=root' },
    ]);
    for (const { validTo, fingerprint } of certificate?.issuers ?? []) {
      expect(Math.abs(validTo - Date.now() - 90 * 86_400_000)).toBeLessThan(3_600_000);
      expect(fingerprint).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    }
  });

  it('accepts none of the protocols that are offered is connected to again without offering any', async () => {
    const certificate = makeCertificate('/CN=a.example', 'DNS:a.example', 90);
    const finding = await identifiedTls({ ...certificate, ALPNProtocols: ['postgresql'] }, answerHttp);
    expect(finding?.service).toMatchObject({ name: 'http', product: 'Inside' });
    expect(finding?.tls?.alpn).toBeNull();
  });

  it('wants a certificate of ours shows its own all the same', async () => {
    const certificate = makeCertificate('/CN=a.example', 'DNS:a.example', 90);
    const options: TlsOptions = { ...certificate, requestCert: true, rejectUnauthorized: true };
    const finding = await identifiedTls(options, answerHttp);
    expect(finding?.service.name).toBe('tls');
    expect(finding?.tls?.certificate?.subject).toBe('CN=a.example');
  });

  it('never stops talking inside is heard up to 4 KB', async () => {
    const certificate = makeCertificate('/CN=a.example', 'DNS:a.example', 90);
    const finding = await identifiedTls(certificate, (socket) => talkForEver(socket, Buffer.alloc(65_536, 'a')));
    expect(finding?.service.name).toBe('tls');
    expect(finding?.banner).toBe('a'.repeat(MOST_HEARD));
  });
});

describe('the second pass', () => {
  it('takes no more sockets than the budget has, and gives every one back', async () => {
    const { clock, run } = virtualNetwork({});
    const connector = virtualConnector(clock, { greeting: 'SSH-2.0-OpenSSH_9.9\r\n' });
    const budget = makeSocketBudget(3);
    const ports = Array.from({ length: 20 }, (_, at) => (STRANGE_PORT + at) as PortNumber);
    const { findings, ending } = await run(identifyPorts(ports, { clock, connector, budget }));
    expect(ending).toBe('done');
    expect(findings.map(({ service }) => service.name)).toEqual(Array(20).fill('ssh'));
    expect(budget.taken).toBe(0);
    expect([connector.mostOpen, connector.open]).toEqual([3, 0]);
  });

  it('lets the rate limit of the target rule every connection', async () => {
    let allowed = 0;
    const pace = {
      perSecond: 1_000,
      wait: () => 0 as never,
      tryTake: () => {
        allowed += 1;
        return true;
      },
    };
    const { connections } = await identified((socket) => socket.on('data', () => socket.destroy()), {
      rateLimiterOf: () => pace,
    });
    expect(connections).toBe(allowed);
  });

  it.each(['signal', 'deadline'] as const)('is cut short by the %s, in the middle of a wait', async (reason) => {
    const controller = new AbortController();
    await using server = await openService((socket) => {
      socket.resume();
      if (reason === 'signal') controller.abort();
    });
    const { findings, ending } = await identifyAt([server.port, server.port], {
      signal: controller.signal,
      clock: systemClock,
      deadline: reason === 'deadline' ? millis(systemClock.now() + 100) : null,
    });
    expect({ findings, ending }).toEqual({ findings: [], ending: 'cut-short' });
  });

  it('tries again when this machine had no socket for it, and has the budget shrink', async () => {
    await using server = await openService((socket) => socket.write('SSH-2.0-OpenSSH_9.9\r\n'));
    let failures = 2;
    const outOfSockets: Connector = {
      connect(peer, onEvent) {
        if (failures === 0) return nodeConnector.connect(peer, onEvent);
        failures -= 1;
        setImmediate(() => onEvent({ kind: 'ended', errno: 'EMFILE' }));
        return { send: () => {}, secure: () => {}, close: () => {} };
      },
    };
    const budget = makeSocketBudget(10);
    const { findings } = await identifyAt([server.port], { connector: outOfSockets, budget });
    expect(findings[0]?.service.name).toBe('ssh');
    expect(budget.capacity).toBeLessThan(10);
  });

  it('says nothing to the ports on which printers listen', async () => {
    const said: string[] = [];
    await using server = await openService((socket) => {
      socket.on('data', (bytes) => said.push(latin1(bytes)));
      // Whoever waits for the end of the greeting time gets one byte to end it.
      setTimeout(() => socket.end('@'), 200);
    });
    const printer: Connector = {
      connect: (peer, onEvent) => nodeConnector.connect({ ...peer, port: server.port }, onEvent),
    };
    const ports = [9100, 9107] as PortNumber[];
    const { findings } = await identifyAt(ports, { connector: printer });
    expect(findings.map(({ banner }) => banner)).toEqual(['@', '@']);
    expect(said).toEqual([]);
  });
});
