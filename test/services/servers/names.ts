import type { RealServer } from '../run-server.ts';

/** DNS, and DNS over TLS on the second port. */
export const unbound: RealServer = {
  package: 'unbound',
  binary: '/usr/sbin/unbound',
  launch: ({ port, second, dir, certificate: { cert, key } }) => ({
    args: ['-d', '-c', `${dir}/unbound.conf`],
    files: {
      'unbound.conf': `server:\n  interface: 127.0.0.1@${port}\n  interface: 127.0.0.1@${second}\n  tls-port: ${second}\n  tls-service-pem: "${cert}"\n  tls-service-key: "${key}"\n  username: ""\n  chroot: ""\n  directory: "${dir}"\n  pidfile: ""\n  use-syslog: no\n  do-ip6: no\nremote-control:\n  control-enable: no\n`,
    },
  }),
};

export const nsd: RealServer = {
  package: 'nsd',
  binary: '/usr/sbin/nsd',
  launch: ({ port, dir }) => ({
    args: ['-d', '-c', `${dir}/nsd.conf`],
    files: {
      'nsd.conf': `server:\n  ip-address: 127.0.0.1@${port}\n  username: ""\n  chroot: ""\n  pidfile: "${dir}/pid"\n  database: ""\n  zonelistfile: "${dir}/zone.list"\n  xfrdfile: "${dir}/xfrd"\n  xfrdir: "${dir}"\n  logfile: "${dir}/log"\nremote-control:\n  control-enable: no\n`,
    },
  }),
};

export const knot: RealServer = {
  package: 'knot',
  binary: '/usr/sbin/knotd',
  launch: ({ port, dir }) => ({
    args: ['-c', `${dir}/knot.conf`],
    files: {
      'knot.conf': `server:\n  listen: 127.0.0.1@${port}\n  rundir: "${dir}"\ndatabase:\n  storage: "${dir}"\nlog:\n  - target: stderr\n    any: error\n`,
    },
  }),
};

export const powerdns: RealServer = {
  package: 'pdns-backend-bind',
  binary: '/usr/sbin/pdns_server',
  needs: '/usr/lib/x86_64-linux-gnu/pdns/libbindbackend.so',
  launch: ({ port, dir }) => ({
    args: [
      ...['--no-config', '--local-address=127.0.0.1', `--local-port=${port}`, '--launch=bind'],
      ...[
        `--bind-config=${dir}/named.conf`,
        `--socket-dir=${dir}`,
        '--guardian=no',
        '--daemon=no',
        '--security-poll-suffix=',
      ],
    ],
    files: { 'named.conf': '' },
  }),
};

export const krb5kdc: RealServer = {
  package: 'krb5-kdc',
  binary: '/usr/sbin/krb5kdc',
  launch: ({ port, dir }) => ({
    env: { KRB5_CONFIG: `${dir}/krb5.conf`, KRB5_KDC_PROFILE: `${dir}/kdc.conf` },
    before: [['kdb5_util', 'create', '-s', '-r', 'SVC.EXAMPLE', '-P', 'x']],
    args: ['-n', '-r', 'SVC.EXAMPLE'],
    files: {
      'krb5.conf': '[libdefaults]\n default_realm = SVC.EXAMPLE\n',
      'kdc.conf': `[kdcdefaults]\n kdc_listen = 127.0.0.1:${port}\n kdc_tcp_listen = 127.0.0.1:${port}\n[realms]\n SVC.EXAMPLE = {\n  database_name = ${dir}/principal\n  key_stash_file = ${dir}/stash\n  acl_file = ${dir}/acl\n }\n`,
    },
  }),
};

export const coturn: RealServer = {
  package: 'coturn',
  binary: '/usr/bin/turnserver',
  launch: ({ port, dir }) => ({
    args: [
      ...['-n', '-L', '127.0.0.1', '-p', String(port), '--no-tls', '--no-dtls', '--no-cli', '--log-file=stdout'],
      ...['--no-auth', '--pidfile', `${dir}/pid`, '--userdb', `${dir}/db`],
    ],
  }),
};
