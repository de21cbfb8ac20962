import { NOBODY, type RealServer } from '../run-server.ts';

export const redisTls: RealServer = {
  package: 'redis-server',
  binary: '/usr/bin/redis-server',
  launch: ({ port, certificate: { cert, key } }) => ({
    args: [
      ...['--port', '0', '--tls-port', String(port), '--bind', '127.0.0.1', '--save', ''],
      ...['--tls-cert-file', cert, '--tls-key-file', key, '--tls-auth-clients', 'no'],
    ],
  }),
};

export const redisMutualTls: RealServer = {
  ...redisTls,
  launch: ({ port, certificate: { cert, key } }) => ({
    args: [
      ...['--port', '0', '--tls-port', String(port), '--bind', '127.0.0.1', '--save', ''],
      ...['--tls-cert-file', cert, '--tls-key-file', key, '--tls-ca-cert-file', cert],
    ],
  }),
};

export const tarantool: RealServer = {
  package: 'tarantool',
  binary: '/usr/bin/tarantool',
  launch: ({ port, dir }) => ({
    args: [`${dir}/start.lua`],
    files: { 'start.lua': `box.cfg{listen='127.0.0.1:${port}', work_dir='${dir}', memtx_memory=33554432}\n` },
  }),
};

export const firebird: RealServer = {
  package: 'firebird3.0-server',
  binary: '/usr/sbin/firebird',
  launch: ({ port, dir }) => ({
    before: [
      ['sh', '-c', `cp -r /etc/firebird/3.0/. ${dir}/; echo "RemoteServicePort = ${port}" >> ${dir}/firebird.conf`],
    ],
    env: { FIREBIRD: dir, FIREBIRD_LOCK: dir, FIREBIRD_TMP: dir },
    args: ['-p', String(port)],
  }),
};

export const pgbouncer: RealServer = {
  package: 'pgbouncer',
  binary: '/usr/sbin/pgbouncer',
  launch: ({ port, second, dir }) => ({
    user: NOBODY,
    args: [`${dir}/pgbouncer.ini`],
    files: {
      'pgbouncer.ini': `[databases]\n* = host=127.0.0.1 port=${second}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = ${port}\nauth_type = any\nunix_socket_dir =\n`,
    },
  }),
};

export const derby: RealServer = {
  package: 'libderby-java',
  binary: '/usr/bin/java',
  needs: '/usr/share/java/derbynet.jar',
  launch: ({ port, dir }) => ({
    args: [
      ...['-cp', '/usr/share/java/*', `-Dderby.system.home=${dir}`, 'org.apache.derby.drda.NetworkServerControl'],
      ...['start', '-h', '127.0.0.1', '-p', String(port), '-noSecurityManager'],
    ],
  }),
};

/** Its own protocol; PostgreSQL's on the second port, and its console on the third. */
export const h2: RealServer = {
  package: 'libh2-java',
  binary: '/usr/bin/java',
  needs: '/usr/share/java/h2.jar',
  launch: ({ port, second, third, dir }) => ({
    args: [
      ...['-Dh2.bindAddress=127.0.0.1', '-cp', '/usr/share/java/*', 'org.h2.tools.Server', '-ifNotExists'],
      ...['-baseDir', dir, '-tcp', '-tcpPort', String(port), '-pg', '-pgPort', String(second)],
      ...['-web', '-webPort', String(third)],
    ],
  }),
};

/** Its own protocol, and MySQL's on the second port. */
export const sphinx: RealServer = {
  package: 'sphinxsearch',
  binary: '/usr/bin/searchd',
  launch: ({ port, second, dir }) => ({
    args: ['--nodetach', '-c', `${dir}/sphinx.conf`],
    files: {
      'sphinx.conf': `index lab\n{\n type = rt\n path = ${dir}/lab\n rt_field = text\n rt_attr_uint = size\n}\nsearchd\n{\n listen = 127.0.0.1:${port}\n listen = 127.0.0.1:${second}:mysql41\n pid_file = ${dir}/pid\n log = ${dir}/log\n binlog_path =\n}\n`,
    },
  }),
};

export const ovsdb: RealServer = {
  package: 'openvswitch-common',
  binary: '/usr/sbin/ovsdb-server',
  launch: ({ port, dir }) => ({
    before: [['ovsdb-tool', 'create', `${dir}/conf.db`, `${dir}/lab.ovsschema`]],
    files: {
      'lab.ovsschema': '{"name": "Lab", "version": "1.0.0", "tables": {"T": {"columns": {"c": {"type": "string"}}}}}',
    },
    args: [`${dir}/conf.db`, `--remote=ptcp:${port}:127.0.0.1`, `--unixctl=${dir}/ctl`, '--no-chdir'],
  }),
};

export const tgt: RealServer = {
  package: 'tgt',
  binary: '/bin/sh',
  needs: '/usr/sbin/tgtd',
  // Its control socket is one for the whole machine, unless it is told of another.
  // Without a target that everyone may use it hangs up at once.
  ready: /^target bound$/m,
  launch: ({ port, dir }) => ({
    args: [`${dir}/run`],
    env: { TGT_IPC_SOCKET: `${dir}/control` },
    files: {
      run: `tgtd -f --iscsi portal=127.0.0.1:${port} &
until tgtadm --lld iscsi --op new --mode target --tid 1 -T iqn.2026-11.example:lab 2>/dev/null; do sleep 0.1; done
tgtadm --lld iscsi --op bind --mode target --tid 1 -I ALL && echo target bound
wait
`,
    },
  }),
};

export const nbd: RealServer = {
  package: 'nbd-server',
  binary: '/bin/sh',
  needs: '/usr/bin/nbd-server',
  // It goes into the background; `-d` keeps it, and then it serves one client and ends.
  launch: ({ port, dir }) => ({
    args: ['-c', `nbd-server -C ${dir}/nbd.conf -p ${dir}/pid && exec sleep infinity`],
    after: [['sh', '-c', `kill $(cat ${dir}/pid)`]],
    files: {
      'nbd.conf': `[generic]\nlistenaddr = 127.0.0.1\nport = ${port}\n[lab]\nexportname = ${dir}/disk\n`,
      disk: '0'.repeat(65_536),
    },
  }),
};
