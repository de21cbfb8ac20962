import type { RealServer } from '../run-server.ts';

export const bind: RealServer = {
  package: 'bind9',
  binary: '/usr/sbin/named',
  ready: / running$/m,
  // Without validation, and with a root of its own, it asks no name server of the internet when it starts.
  launch: ({ port, dir }) => ({
    args: ['-g', '-c', `${dir}/named.conf`],
    files: {
      root: '$TTL 60\n@ SOA localhost. root.localhost. 1 60 60 60 60\n@ NS localhost.\n',
      'named.conf': `options {\n  directory "${dir}";\n  pid-file none;\n  listen-on port ${port} { 127.0.0.1; };\n  listen-on-v6 { none; };\n  recursion no;\n  dnssec-validation no;\n};\ncontrols {};\nzone "." { type primary; file "root"; };\n`,
    },
  }),
};

export const dnsmasq: RealServer = {
  package: 'dnsmasq-base',
  binary: '/usr/sbin/dnsmasq',
  launch: ({ port, dir }) => ({
    args: [
      ...['--keep-in-foreground', '--conf-file=/dev/null', '--no-resolv', '--no-hosts', '--user=root'],
      ...[`--port=${port}`, '--listen-address=127.0.0.1', '--bind-interfaces', `--pid-file=${dir}/pid`],
    ],
  }),
};

export const slapd: RealServer = {
  package: 'slapd',
  binary: '/usr/sbin/slapd',
  launch: ({ port, dir, certificate }) => ({
    args: ['-d', '0', '-h', `ldap://127.0.0.1:${port}`, '-f', `${dir}/slapd.conf`],
    files: {
      'slapd.conf': `include /etc/ldap/schema/core.schema\npidfile ${dir}/pid\nTLSCertificateFile ${certificate.cert}\nTLSCertificateKeyFile ${certificate.key}\ndatabase config\n`,
    },
  }),
};

export const kamailio: RealServer = {
  package: 'kamailio',
  binary: '/usr/sbin/kamailio',
  launch: ({ port, dir }) => ({
    args: ['-DD', '-E', '-f', `${dir}/kamailio.cfg`, '-Y', dir, '-w', dir],
    files: {
      'kamailio.cfg': `children=1\nlisten=tcp:127.0.0.1:${port}\nloadmodule "sl.so"\nrequest_route { sl_send_reply("200", "OK"); }\n`,
    },
  }),
};

export const microsocks: RealServer = {
  package: 'microsocks',
  binary: '/usr/bin/microsocks',
  launch: ({ port }) => ({ args: ['-i', '127.0.0.1', '-p', String(port)] }),
};
