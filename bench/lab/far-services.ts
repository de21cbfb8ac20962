// Twenty services on the ports that are usual for them, at the far end of a wire: they say what real servers were heard
// to say, once, to whoever connects. Arguments: a certificate and its key, as files. Ends with its input.
import { readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Answer } from '../../test/fixtures/answer.ts';

/** Port, fixture, and whether TLS comes before it. */
const SERVICES: readonly (readonly [port: number, fixture: string, transport: 'plain' | 'tls'])[] = [
  [21, 'ftp', 'plain'],
  [22, 'ssh', 'plain'],
  [23, 'telnet', 'plain'],
  [25, 'smtp', 'plain'],
  [53, 'dns', 'plain'],
  [80, 'http', 'plain'],
  [110, 'pop3', 'plain'],
  [143, 'imap', 'plain'],
  [389, 'ldap', 'plain'],
  [443, 'http', 'tls'],
  [445, 'smb', 'plain'],
  [873, 'rsync', 'plain'],
  [993, 'imap', 'tls'],
  [3306, 'mysql', 'plain'],
  [3389, 'rdp', 'plain'],
  [5432, 'postgresql', 'plain'],
  [5672, 'amqp', 'plain'],
  [5900, 'vnc', 'plain'],
  [6379, 'redis', 'plain'],
  [11_211, 'memcached', 'plain'],
];

const [, , cert = '', key = ''] = process.argv;
const credentials = { cert: readFileSync(cert), key: readFileSync(key) };

for (const [port, fixture, transport] of SERVICES) {
  const { answers } = (await import(`../../test/fixtures/answers/${fixture}.ts`)) as { answers: readonly Answer[] };
  const [answer] = answers;
  const serve = (socket: Socket): void => {
    socket.on('error', () => {});
    if (answer?.asked === null) socket.write(answer.text, 'latin1');
    else socket.once('data', () => socket.write(answer?.text ?? '', 'latin1'));
    socket.resume();
  };
  const server = transport === 'tls' ? createTlsServer(credentials, serve) : createServer(serve);
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(port, '0.0.0.0', resolve));
}

process.stdout.write(`${SERVICES.map(([port]) => port).join(',')}\n`);
process.stdin.resume().once('end', () => process.exit());
