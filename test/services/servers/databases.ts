import { type Launch, NOBODY, type Place, type RealServer } from '../run-server.ts';

export const mariadb: RealServer = {
  package: 'mariadb-server-core',
  binary: '/usr/sbin/mariadbd',
  launch: ({ port, dir, certificate }) => ({
    user: NOBODY,
    before: [['mkdir', `${dir}/data`]],
    args: [
      '--no-defaults',
      `--datadir=${dir}/data`,
      `--socket=${dir}/socket`,
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      '--skip-grant-tables',
      '--skip-networking=0',
      `--ssl-cert=${certificate.cert}`,
      `--ssl-key=${certificate.key}`,
    ],
  }),
};

const POSTGRES = '/usr/lib/postgresql/15/bin';

export const postgresql: RealServer = {
  package: 'postgresql',
  binary: `${POSTGRES}/postgres`,
  launch: ({ port, dir, certificate }) => ({
    user: NOBODY,
    before: [[`${POSTGRES}/initdb`, '-D', `${dir}/data`, '-U', 'nobody', '--no-sync']],
    args: [
      ...['-D', `${dir}/data`, '-p', String(port), '-h', '127.0.0.1', '-k', dir, '-F', '-l'],
      ...['-c', `ssl_cert_file=${certificate.cert}`, '-c', `ssl_key_file=${certificate.key}`],
    ],
  }),
};

const redisWith =
  (...more: readonly string[]) =>
  ({ port }: Place): Launch => ({
    args: ['--port', String(port), '--bind', '127.0.0.1', '--save', '', ...more],
  });

export const redis: RealServer = {
  package: 'redis-server',
  binary: '/usr/bin/redis-server',
  launch: redisWith(),
};

export const redisWithPassword: RealServer = { ...redis, launch: redisWith('--requirepass', 'not-for-us') };

export const memcached: RealServer = {
  package: 'memcached',
  binary: '/usr/bin/memcached',
  launch: ({ port }) => ({ user: NOBODY, args: ['-l', '127.0.0.1', '-p', String(port), '-U', '0'] }),
};

export const zookeeper: RealServer = {
  package: 'zookeeper',
  binary: '/usr/share/zookeeper/bin/zkServer.sh',
  launch: ({ port, dir }) => ({
    args: ['start-foreground', `${dir}/zoo.cfg`],
    env: { ZOO_LOG_DIR: dir, JVMFLAGS: '-Xmx128m' },
    files: {
      'zoo.cfg': `dataDir=${dir}/data\nclientPort=${port}\nclientPortAddress=127.0.0.1\nadmin.enableServer=false\n`,
    },
  }),
};

export const etcd: RealServer = {
  package: 'etcd-server',
  binary: '/usr/bin/etcd',
  launch: ({ port, second, dir }) => ({
    args: [
      ...['--data-dir', `${dir}/data`, '--listen-client-urls', `http://127.0.0.1:${port}`],
      ...['--advertise-client-urls', `http://127.0.0.1:${port}`, '--listen-peer-urls', `http://127.0.0.1:${second}`],
    ],
    env: { ETCD_UNSUPPORTED_ARCH: process.arch },
  }),
};
