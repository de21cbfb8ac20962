import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { certificateConcerns } from '../../shared/domain/certificate-concerns.ts';
import type { Finding } from '../../shared/domain/finding.ts';
import type { PortNumber } from '../../shared/domain/units.ts';
import { nodeConnector } from '../../shared/net/node-connector.ts';
import type { Connector } from '../../shared/seams/connector.ts';
import { identifyPorts } from '../helpers/identify.ts';
import { DATAGRAM_CASES } from './datagram-cases.ts';
import { portOf, ROSTER, type Rostered } from './roster.ts';
import { isInstalled, type RealServer, runServer } from './run-server.ts';
import * as brokers from './servers/brokers.ts';
import * as databases from './servers/databases.ts';
import * as files from './servers/files-and-screens.ts';
import * as mail from './servers/mail.ts';
import * as network from './servers/network.ts';
import * as web from './servers/web.ts';
import { TESTED_AGAINST } from './tested-against.ts';

interface Case {
  readonly server: RealServer;
  readonly is: Readonly<Record<string, unknown>>;
  /** The usual port that stands in for the kernel's choice; without it the server is found where it is. */
  readonly as?: number;
  /** The way into TLS that must be found with --tls. */
  readonly startTls?: string;
}

const probed = (name: string, more: Readonly<Record<string, unknown>> = {}) => ({ name, method: 'probed', ...more });
const aVersion = expect.stringMatching(/^\d+\.\d+/);

/** Found on any port, since they speak first or say something to a question that is asked anywhere. */
const ANYWHERE: Readonly<Record<string, Case>> = {
  openssh: { server: files.openssh, is: probed('ssh', { product: 'OpenSSH', version: aVersion }) },
  exim: { server: mail.exim, is: probed('smtp', { product: 'Exim', version: aVersion }), startTls: 'smtp' },
  vsftpd: { server: files.vsftpd, is: probed('ftp', { product: 'vsFTPd', version: aVersion }), startTls: 'ftp' },
  'dovecot (IMAP)': { server: mail.imap, is: probed('imap', { product: 'Dovecot' }), startTls: 'imap' },
  'dovecot (POP3)': { server: mail.pop3, is: probed('pop3', { product: 'Dovecot' }), startTls: 'pop3' },
  telnetd: { server: files.telnetd, is: probed('telnet') },
  mariadb: {
    server: databases.mariadb,
    is: probed('mysql', { product: 'MariaDB', version: aVersion }),
    startTls: 'mysql',
  },
  postgresql: {
    server: databases.postgresql,
    is: probed('postgresql', { product: 'PostgreSQL' }),
    startTls: 'postgresql',
  },
  redis: { server: databases.redis, is: probed('redis', { product: 'Redis', version: aVersion }) },
  'redis with a password': { server: databases.redisWithPassword, is: probed('redis') },
  memcached: { server: databases.memcached, is: probed('memcached', { product: 'memcached', version: aVersion }) },
  etcd: { server: databases.etcd, is: probed('etcd', { version: aVersion }) },
  mosquitto: { server: brokers.mosquitto, is: probed('mqtt') },
  rabbitmq: { server: brokers.rabbitmq, is: probed('amqp', { product: 'RabbitMQ', version: aVersion }) },
  nginx: {
    server: web.nginx,
    is: probed('http', { product: 'nginx', version: aVersion, info: '200; title "Front & door"' }),
  },
  'nginx that redirects': {
    server: web.nginxThatRedirects,
    is: probed('http', { product: 'nginx', info: '301 to https://www.example.org/' }),
  },
  'node exporter': { server: web.nodeExporter, is: probed('prometheus-exporter', { product: 'Node Exporter' }) },
  websockets: { server: web.websockets, is: probed('websocket') },
  grpcio: { server: web.grpcio, is: probed('grpc') },
  'HTTP/2 of Node': { server: web.nodeHttp2, is: probed('http2') },
  slapd: { server: network.slapd, is: probed('ldap', { product: 'OpenLDAP' }), startTls: 'ldap' },
  xrdp: { server: files.xrdp, is: probed('rdp', { info: 'TLS' }), startTls: 'rdp' },
  tigervnc: { server: files.xvnc, is: probed('vnc', { info: 'protocol 3.8' }) },
  rsync: { server: files.rsync, is: probed('rsync') },
  microsocks: { server: network.microsocks, as: 1080, is: probed('socks5', { info: 'no authentication required' }) },
};

/** Light servers of the roster, for which a port of no meaning is enough. */
const LIGHT = [
  'beanstalkd',
  'coturn',
  'cvs',
  'dictd',
  'dropbear',
  'gearmand',
  'gophernicus',
  'iperf3',
  'lighttpd',
  'nats',
  'ngircd',
  'nsd',
  'prosody',
  'sn',
  'tinyproxy',
  'unbound',
] as const;

/** Silent at every other question: found where they are usual. */
const ON_THEIR_PORTS: Readonly<Record<string, Case>> = {
  git: { server: files.gitDaemon, as: 9418, is: probed('git') },
  zookeeper: {
    server: databases.zookeeper,
    as: 2181,
    is: probed('zookeeper', { product: 'Apache ZooKeeper' }),
  },
  samba: { server: files.samba, as: 445, is: probed('smb', { info: expect.stringContaining('dialect 3') }) },
  xvfb: { server: files.xvfb, as: 6000, is: probed('x11', { product: expect.stringContaining('X.Org') }) },
  kamailio: { server: network.kamailio, as: 5060, is: probed('sip', { product: 'kamailio', version: aVersion }) },
  bind: { server: network.bind, as: 53, is: probed('dns', { product: 'ISC BIND', version: aVersion }) },
  dnsmasq: { server: network.dnsmasq, as: 53, is: probed('dns', { product: 'dnsmasq', version: aVersion }) },
  'mosquitto over TLS': { server: brokers.mosquittoTls, as: 8883, is: probed('mqtt') },
};

/** Whoever asks for `usual` talks to `real`: as if the server were where it is usual, which may be taken or forbidden. */
const standIn = (real: PortNumber): Connector => ({
  connect: (peer, onEvent) => nodeConnector.connect({ ...peer, port: real }, onEvent),
});

async function identified({ server, as, startTls }: Case): Promise<Finding | undefined> {
  const running = await runServer(server);
  try {
    const { port } = running.place;
    const { findings } = await identifyPorts([as === undefined ? port : (as as PortNumber)], {
      ...(as !== undefined && { connector: standIn(port) }),
      detect: startTls === undefined ? 'services' : 'tls',
      nameOf: () => 'localhost',
    });
    return findings[0];
  } finally {
    await running[Symbol.asyncDispose]();
  }
}

/** The entry of that name. */
function rostered(name: string): Rostered {
  const entry = ROSTER[name];
  if (entry === undefined) throw new Error(`no ${name} in the roster`);
  return entry;
}

describe.each([
  ['on a port of the kernel’s choice', ANYWHERE],
  ['on the port that is usual for it', ON_THEIR_PORTS],
] as const)('a real server %s', (_, cases) => {
  for (const [name, each] of Object.entries(cases)) {
    it.skipIf(!isInstalled(each.server))(`is matched: ${name} (package ${each.server.package})`, async () => {
      const finding = await identified(each);
      expect(finding?.service).toMatchObject(each.is);
      if (each.startTls === undefined) return;
      expect(finding?.tls).toMatchObject({
        startTls: each.startTls,
        certificate: { subject: 'O=Portfleet, CN=localhost' },
      });
    });
  }
});

describe('a real server of the roster', () => {
  it.each(LIGHT.filter((name) => isInstalled(rostered(name).server)))('is matched: %s', async (name) => {
    const { server, protocol, product, version } = rostered(name);
    const running = await runServer(server);
    try {
      const { findings } = await identifyPorts([portOf(rostered(name), running.place)]);
      const service = findings[0]?.service;
      expect(service).toMatchObject({ method: 'probed', name: expect.stringMatching(protocol) });
      if (product) expect(service?.product).toMatch(product);
      if (version) expect(service?.version).toMatch(version);
    } finally {
      await running[Symbol.asyncDispose]();
    }
  });
});

describe('a real server under TLS', () => {
  const secure: readonly (readonly [string, RealServer, Partial<Finding['tls']>])[] = [
    ['nginx', web.nginxTls, { alpn: 'http/1.1', startTls: null }],
    ['nginx with HTTP/2', web.nginxHttp2, { alpn: 'h2' }],
    ['nginx with TLS 1.0 and nothing newer', web.nginxOldTls, { version: 'TLSv1' }],
    ['dovecot (IMAPS)', mail.imaps, { alpn: null }],
  ];
  for (const [name, server, facts] of secure) {
    it.skipIf(!isInstalled(server))(`shows its certificate, and what it is: ${name}`, async () => {
      const finding = await identified({ server, is: {} });
      expect(finding?.service.product).toMatch(/nginx|Dovecot/);
      expect(finding?.tls).toMatchObject({ ...facts, serverName: 'localhost' });
      const certificate = finding?.tls?.certificate;
      expect(certificate).toMatchObject({ names: ['localhost', '127.0.0.1'], selfSigned: true, key: 'RSA 2048' });
      const now = Date.now() as Finding['seenAt'];
      expect(finding?.tls && certificateConcerns(finding.tls, now)).toEqual(['expires-soon', 'self-signed']);
    });
  }
});

describe('a real SSH server', () => {
  it.skipIf(!isInstalled(files.openssh))('shows the host keys that ssh-keygen tells of', async () => {
    const running = await runServer(files.openssh);
    try {
      const { port, dir } = running.place;
      const { findings } = await identifyPorts([port]);
      const listed = ['host_key', 'host_key_rsa'].map((name) =>
        execFileSync('ssh-keygen', ['-lf', `${dir}/${name}.pub`], { encoding: 'utf8' })
          .split(' ')
          .slice(0, 2)
          .join(' '),
      );
      const shown = findings[0]?.service.ssh?.hostKeys?.map(({ bits, fingerprint }) => `${bits} ${fingerprint}`);
      expect(shown).toEqual(listed);
    } finally {
      await running[Symbol.asyncDispose]();
    }
  });
});

describe('the table of real servers', () => {
  it('names every package that has to be installed', () => {
    const all = { ...ANYWHERE, ...ON_THEIR_PORTS };
    const light = LIGHT.map((name) => rostered(name).server.package);
    const cases = [...Object.values(all), ...Object.values(DATAGRAM_CASES)];
    const wanted = new Set([...cases.map(({ server }) => server.package), ...light]);
    const listed = readFileSync(new URL('debian-packages.txt', import.meta.url), 'utf8')
      .trim()
      .split('\n');
    expect([...wanted].filter((name) => name !== 'node itself').sort()).toEqual(listed);
  });

  it('names those that are started here', () => {
    const started = Object.values({ ...ANYWHERE, ...ON_THEIR_PORTS }).map(({ is }) => String(is['name']));
    const names = started.map((name) => (name === 'prometheus-exporter' ? 'prometheus' : name));
    expect(Object.keys(TESTED_AGAINST)).toEqual(expect.arrayContaining([...new Set([...names, 'tls'])]));
    const light = LIGHT.map((name) => rostered(name).protocol);
    const missing = light.filter((protocol) => !Object.keys(TESTED_AGAINST).some((name) => protocol.test(name)));
    expect(missing).toEqual([]);
  });
});
