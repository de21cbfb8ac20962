import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { latin1 } from '../../../shared/domain/bytes.ts';
import { type Address, millis, type PortNumber } from '../../../shared/domain/units.ts';
import { ASKED_ANYWHERE, MATCHERS } from '../../../shared/identify/protocols/all.ts';
import { lateSteps, stepsFor, tlsStepsFor, waitsFor } from '../../../shared/identify/steps.ts';
import { nodeConnector } from '../../../shared/net/node-connector.ts';
import type { ConnectionEvent } from '../../../shared/seams/connector.ts';
import { identifyAt, identifyPorts, openFinding } from '../../helpers/identify.ts';
import { patientClock } from '../../helpers/patient-clock.ts';
import { closedPort, openService, QUIET_LOOPBACK } from '../../helpers/ports.ts';
import { makeCertificate } from '../../helpers/tls-certificate.ts';

const port = (number: number): PortNumber => number as PortNumber;

const summary = (number: number): string[] =>
  stepsFor(port(number)).map(({ transport, patience, question }) =>
    [transport, question?.name ?? 'listen', patience].join(' '),
  );

describe('the steps of a session', () => {
  it('begin with what is usual on the port, and leave time to those that speak first', () => {
    expect(summary(22)[0]).toBe('plain listen long');
    expect(summary(6379)[0]).toBe('plain redis usual');
    expect(summary(443).slice(0, 2)).toEqual(['tls http web', 'plain http unknown']);
    expect(summary(993).slice(0, 2)).toEqual(['tls listen long', 'tls http none']);
  });

  it('begin with HTTP and TLS where nothing is usual', () => {
    expect(summary(40_404)).toEqual(['plain http unknown', 'tls http unknown']);
  });

  it.each(['waits', 'closes', 'resets'] as const)(
    'go on with what fits a service that %s, within eight connections',
    (reaction) => {
      const late = lateSteps('plain', reaction, port(40_404)).map(({ question }) => question?.name);
      expect(late).toEqual(ASKED_ANYWHERE[reaction].map(({ question }) => question?.name));
      expect(late.length + stepsFor(port(40_404)).length).toBeLessThanOrEqual(8);
    },
  );

  it('send nothing twice in the same way, on any port', () => {
    const ports = new Set(MATCHERS.flatMap((each) => [...each.ports, ...each.tlsPorts]));
    for (const each of [...ports, 40_404]) {
      const steps = [...stepsFor(port(each)), ...lateSteps('plain', 'closes', port(each))];
      const asked = steps.map(({ transport, question }) => `${transport} ${question?.name}`);
      expect(new Set(asked).size, `port ${each}`).toBe(asked.length);
    }
  });

  it('offer the names of the web only where the web may be', () => {
    expect(tlsStepsFor(port(443))[0]?.alpn).toEqual(['h2', 'http/1.1']);
    expect(tlsStepsFor(port(993))[0]?.alpn).toEqual([]);
  });

  it.each([9100, 9103, 9107])('say nothing to a printer on port %i', (number) => {
    expect(summary(number)).toEqual(['plain listen unknown']);
  });
});

describe('the waits of a session', () => {
  it('let a silent unknown service, 50 ms away, cost less than 4 s', () => {
    const waits = waitsFor(millis(50));
    // The late steps go three at a time; the TLS hello goes beside the first question.
    const rounds = Math.ceil(ASKED_ANYWHERE.waits.length / 3);
    const late = rounds * (waits.answer('none') + 50) + 2 * (waits.overlap('none') + 50);
    expect(waits.greeting('unknown') + waits.answer('unknown') + late + 50).toBeLessThan(4_000);
  });

  it('hear a mail server that greets after 6 s, and a web server that answers after 6 s', () => {
    const waits = waitsFor(millis(50));
    expect(waits.greeting('long')).toBeGreaterThan(6_500);
    expect(waits.answer('web')).toBeGreaterThan(6_500);
  });

  it('grow with the distance, up to a bound', () => {
    expect(waitsFor(millis(600)).answer('none')).toBeGreaterThan(waitsFor(millis(50)).answer('none') + 3 * 500);
    expect(waitsFor(millis(60_000))).toMatchObject({ connect: waitsFor(millis(1_000)).connect });
  });
});

describe.concurrent('a session', () => {
  it('names an IPv6 address in brackets', async () => {
    const said: string[] = [];
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (bytes) => said.push(latin1(bytes)));
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
    });
    server.listen(0, '::1');
    await once(server, 'listening');
    const finding = { ...openFinding(port((server.address() as AddressInfo).port)), address: '::1' as Address };
    const { findings } = await identifyPorts([finding]);
    server.close();
    await once(server, 'close');
    expect(findings[0]?.service.name).toBe('http');
    expect(said.join('')).toMatch(/^GET \/ HTTP\/1\.1\r\nHost: \[::1\]:\d+\r\n/);
  });

  it('asks on beside a question that stays unanswered, on three connections at a time and eight in all', async () => {
    let [now, most, all] = [0, 0, 0];
    await using server = await openService((socket) => {
      now += 1;
      all += 1;
      most = Math.max(most, now);
      socket.resume().on('close', () => {
        now -= 1;
      });
    });
    const { findings } = await identifyAt([server.port]);
    expect(findings[0]?.service.method).toBe('table');
    expect(most).toBe(3);
    expect(all).toBe(8);
  });

  it('still asks one after another where a second connection beside the first is turned away', async () => {
    const clock = patientClock();
    let former: Promise<unknown> = Promise.resolve();
    await using server = await openService(async (socket) => {
      socket.on('data', (bytes) => {
        // STOMP's frame is asked for after DNS and PostgreSQL, and is answered; nothing else is.
        if (/accept-version/.test(latin1(bytes))) socket.write('CONNECTED\nversion:1.2\nserver:Lab/1.0\n\n\0');
      });
      const gone = once(socket, 'close').catch(() => {});
      const late = new Promise<false>((resolve) => clock.after(millis(100), () => resolve(false)));
      if (await Promise.race([former.then(() => true), late])) former = gone;
      else socket.destroy();
    });
    const { findings } = await identifyAt([server.port], { clock });
    expect(findings[0]?.service.name).toBe('stomp');
  });

  it('gives up what it waits for beside, once one connection has told what the port is', async () => {
    const certificate = makeCertificate('/CN=a.example', 'DNS:a.example', 90);
    const plain: Promise<unknown>[] = [];
    await using server = await openService((socket) => {
      if (plain.length === 0) plain.push(once(socket.resume(), 'close').catch((error: unknown) => error));
      else answerInside(new TLSSocket(socket, { ...certificate, isServer: true }), 'SSH-2.0-Inside_1.0\r\n');
    });
    const { findings } = await identifyAt([server.port]);
    expect(findings[0]?.service).toMatchObject({ name: 'ssh', product: 'Inside' });
    // It was hung up by a reset when TLS answered, and no question followed it.
    expect(await plain[0]).toMatchObject({ code: 'ECONNRESET' });
  });

  it('takes who hangs up half a second after a question for one that waited for more of it', async () => {
    const [clock, asked] = [patientClock(), [] as string[]];
    await using server = await openService((socket) => {
      socket.once('data', (bytes) => {
        asked.push(latin1(bytes));
        if (asked.length > 2) socket.destroy();
        else clock.after(millis(500), () => socket.end());
      });
    });
    await identifyAt([server.port], { clock });
    expect(asked.filter((each) => each.includes('version\x04bind'))).toHaveLength(1);
  });

  it.each([
    ['smtp', 'EHLO'],
    ['lmtp', 'LHLO'],
  ])('knows %s behind a greeting that says nothing by its answer to %s', async (name, verb) => {
    await using server = await openService((socket) => {
      socket.write('220 lab ready.\r\n');
      socket.on('data', (bytes) =>
        socket.write(
          latin1(bytes).startsWith(verb) ? '250-lab\r\n250-8BITMIME\r\n250 PIPELINING\r\n' : '500 5.5.1 Unknown\r\n',
        ),
      );
    });
    const { findings } = await identifyAt([server.port]);
    expect(findings[0]?.service).toMatchObject({ name, method: 'probed' });
  });

  it('goes from a plain question to TLS when an alert answers it', async () => {
    const certificate = makeCertificate('/CN=a.example', 'DNS:a.example', 90);
    let connections = 0;
    await using server = await openService((socket) => {
      connections += 1;
      if (connections === 1) socket.once('data', () => socket.end(Buffer.from('15030100020246', 'hex')));
      else answerInside(new TLSSocket(socket, { ...certificate, isServer: true }), 'SSH-2.0-Inside_1.0\r\n');
    });
    const { findings } = await identifyAt([server.port]);
    expect(connections).toBe(2);
    expect(findings[0]?.service).toMatchObject({ name: 'ssh', product: 'Inside' });
    expect(findings[0]?.tls?.certificate?.names).toEqual(['a.example']);
  });

  const dialogues = { detect: 'tls', nameOf: () => 'mx.example' } as const;

  it('looks behind STARTTLS, once the service is known, and keeps what was said in the open', async () => {
    const certificate = makeCertificate('/CN=mx.example', 'DNS:mx.example', 90);
    await using server = await mailServer((socket) => {
      socket.write('220 2.0.0 Ready\r\n', () => new TLSSocket(socket, { ...certificate, isServer: true }).resume());
    });
    const { findings } = await identifyAt([server.port], dialogues);
    expect(findings[0]?.service).toMatchObject({ name: 'smtp', product: 'Postfix' });
    expect(findings[0]?.tls).toMatchObject({ startTls: 'smtp', serverName: 'mx.example' });
    expect(findings[0]?.banner).toBe('220 mx.example ESMTP Postfix\r\n');
  });

  it('tells which versions of TLS a server accepts, each offered alone', async () => {
    const certificate = makeCertificate('/CN=a.example', 'DNS:a.example', 90);
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.2', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    await using server = await openService((socket) =>
      answerInside(new TLSSocket(socket, { ...certificate, ...old, isServer: true }), 'SSH-2.0-Inside_1.0\r\n'),
    );
    const { findings } = await identifyAt([server.port], dialogues);
    expect(findings[0]?.tls).toMatchObject({ version: 'TLSv1.2', accepts: ['TLSv1.2', 'TLSv1.1', 'TLSv1'] });
  });

  it('claims nothing of the versions where one of them could not be tried', async () => {
    const certificate = makeCertificate('/CN=a.example', 'DNS:a.example', 90);
    let connections = 0;
    await using server = await openService((socket) => {
      connections += 1;
      if (connections === 1) socket.once('data', () => socket.end(Buffer.from('15030100020246', 'hex')));
      else if (connections === 2)
        answerInside(new TLSSocket(socket, { ...certificate, isServer: true }), 'SSH-2.0-Inside_1.0\r\n');
      // Whoever offers one version alone hears nothing.
      else socket.resume();
    });
    const { findings } = await identifyAt([server.port], dialogues);
    expect(findings[0]?.tls?.version).toBe('TLSv1.3');
    expect(findings[0]?.tls).not.toHaveProperty('accepts');
  });

  it('learns every host key of an SSH server, a connection each, and no more than three in all', async () => {
    const keys = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ssh-rsa'].map(sshKey);
    let connections = 0;
    await using server = await openService((socket) => sshServer(socket, keys, connections++));
    const { findings } = await identifyAt([server.port]);
    expect(connections).toBe(3);
    const { ssh, product } = findings[0]?.service ?? {};
    expect(product).toBe('Test');
    expect(ssh?.hostKeys?.map(({ type, bits }) => [type, bits])).toEqual([
      ['ssh-ed25519', 256],
      ['ecdsa-sha2-nistp256', 256],
      ['ssh-rsa', 17],
    ]);
    const digests = keys.map((key) => createHash('sha256').update(key).digest('base64').replace(/=$/, ''));
    expect(ssh?.hostKeys?.map(({ fingerprint }) => fingerprint)).toEqual(digests.map((each) => `SHA256:${each}`));
  });

  it('takes a refusal of STARTTLS for an answer', async () => {
    await using server = await mailServer((socket) => socket.write('454 4.7.0 TLS not available\r\n'));
    const { findings } = await identifyAt([server.port], dialogues);
    expect(findings[0]?.service.name).toBe('smtp');
    expect(findings[0]?.tls).toBeUndefined();
  });

  it('does not look behind STARTTLS unless certificates are asked for', async () => {
    let commands = 0;
    await using server = await openService((socket) => {
      socket.write('220 mx.example ESMTP Postfix\r\n');
      socket.on('data', () => {
        commands += 1;
      });
    });
    const { findings } = await identifyAt([server.port]);
    expect(findings[0]?.service.name).toBe('smtp');
    expect(commands).toBe(0);
  });
});

const sshString = (content: string | Buffer): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return Buffer.concat([length, Buffer.from(content as string, 'latin1')]);
};

/** A key of that kind; an RSA key of 17 bits is as good as any for its looks. */
const sshKey = (type: string): Buffer =>
  Buffer.concat([sshString(type), ...(type === 'ssh-rsa' ? [sshString('\x03'), sshString('\x01\0\x01')] : [])]);

const sshPacket = (payload: Buffer): Buffer =>
  Buffer.concat([sshString(Buffer.concat([Buffer.of(4), payload, Buffer.alloc(4)]))]);

/** Greets, tells its algorithms, and shows on its nth connection the nth key. */
function sshServer(socket: Socket, keys: readonly Buffer[], nth: number): void {
  const hostKeys = 'ssh-rsa,ecdsa-sha2-nistp256,ssh-ed25519';
  const lists = [
    'curve25519-sha256',
    hostKeys,
    'aes128-ctr',
    'aes128-ctr',
    'hmac-sha2-256',
    'hmac-sha2-256',
    'none',
    'none',
    '',
    '',
  ];
  const kexInit = Buffer.concat([Buffer.of(20), Buffer.alloc(16), ...lists.map(sshString), Buffer.alloc(5)]);
  const reply = Buffer.concat([Buffer.of(31), sshString(keys[nth] ?? ''), sshString('point'), sshString('signature')]);
  socket.write('SSH-2.0-Test_1.0\r\n');
  let heard = Buffer.alloc(0);
  let told = false;
  socket.on('data', (bytes) => {
    heard = Buffer.concat([heard, bytes]);
    if (!told && heard.includes('\r\n')) socket.write(sshPacket(kexInit));
    told ||= heard.includes('\r\n');
    // The message that begins the exchange, with our public key.
    if (heard.includes(Buffer.from('1e00000020', 'hex'))) socket.write(sshPacket(reply));
  });
}

/** Says it and lets the other side end the session. */
function answerInside(session: TLSSocket, text: string): void {
  session.on('error', () => {});
  session.resume().write(text);
}

/** Greets, lists STARTTLS, and leaves it to `start` what becomes of it. */
const mailServer = (start: (socket: Socket) => void) =>
  openService((socket) => {
    socket.write('220 mx.example ESMTP Postfix\r\n');
    const obey = (bytes: Buffer): void => {
      if (/^EHLO/.test(latin1(bytes))) socket.write('250-mx.example\r\n250-SIZE 1000\r\n250 STARTTLS\r\n');
      if (!/^STARTTLS/.test(latin1(bytes))) return;
      socket.removeListener('data', obey);
      start(socket);
    };
    socket.on('data', obey);
  });

describe('a connection', () => {
  /** Everything that is told of a connection until it ends. */
  function listen(to: PortNumber): Promise<ConnectionEvent[]> {
    const events: ConnectionEvent[] = [];
    return new Promise((resolve) => {
      nodeConnector.connect({ address: QUIET_LOOPBACK as Address, port: to }, (event) => {
        events.push(event);
        if (event.kind === 'ended') resolve(events);
      });
    });
  }

  it('tells what it hears, and that the other side has ended', async () => {
    await using server = await openService((socket) => socket.end('hello'));
    expect((await listen(server.port)).map(({ kind }) => kind)).toEqual(['connected', 'data', 'ended']);
  });

  it('tells why it came to nothing', async () => {
    expect(await listen(await closedPort())).toEqual([{ kind: 'ended', errno: 'ECONNREFUSED' }]);
  });

  it('ends by a reset when it is hung up, and tells nothing after', async () => {
    const told: string[] = [];
    let tellEnd: (how: unknown) => void = () => {};
    const end = new Promise<unknown>((resolve) => {
      tellEnd = resolve;
    });
    await using server = await openService((socket) => {
      once(socket.resume(), 'close').then(tellEnd, tellEnd);
      socket.write('hello');
    });
    await new Promise<void>((resolve) => {
      const connection = nodeConnector.connect({ address: QUIET_LOOPBACK as Address, port: server.port }, (event) => {
        told.push(event.kind);
        if (event.kind !== 'connected') return;
        connection.close();
        connection.close();
        connection.send(Uint8Array.of(1));
        resolve();
      });
    });
    expect(await end).toMatchObject({ code: 'ECONNRESET' });
    expect(told).toEqual(['connected']);
  });
});
