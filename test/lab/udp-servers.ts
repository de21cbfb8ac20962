import { accessSync, constants } from 'node:fs';

/** A real server of one UDP protocol, run at the far end of the lab on the port that is its own. */
export interface UdpServer {
  /** The Debian package that brings it. */
  readonly package: string;
  readonly binary: string;
  readonly ports: readonly number[];
  /** Its arguments, for a folder of its own. It stays in the foreground. */
  readonly args: (dir: string) => readonly string[];
  readonly files?: (dir: string) => Readonly<Record<string, string>>;
  /** What it needs of /run, which is empty. */
  readonly run?: readonly string[];
}

export const isInstalled = ({ binary }: UdpServer): boolean => {
  try {
    accessSync(binary, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

export const UDP_SERVERS: readonly UdpServer[] = [
  {
    package: 'dnsmasq-base',
    binary: '/usr/sbin/dnsmasq',
    ports: [53],
    args: () => [
      '--keep-in-foreground',
      '--conf-file=/dev/null',
      '--no-resolv',
      '--no-hosts',
      '--user=root',
      '--pid-file',
    ],
  },
  {
    package: 'tftpd-hpa',
    binary: '/usr/sbin/in.tftpd',
    ports: [69],
    args: (dir) => ['--foreground', '--address', ':69', '--user', 'root', '--secure', dir],
  },
  {
    package: 'rpcbind',
    binary: '/sbin/rpcbind',
    ports: [111],
    args: () => ['-f'],
    run: ['rpcbind'],
  },
  {
    package: 'chrony',
    binary: '/usr/sbin/chronyd',
    ports: [123],
    // -x: leaves the clock of this machine alone
    args: (dir) => ['-d', '-x', '-u', 'root', '-f', `${dir}/chrony.conf`],
    files: (dir) => ({
      'chrony.conf': `local stratum 10\nallow all\ncmdport 0\nbindcmdaddress /\npidfile ${dir}/pid\n`,
    }),
  },
  {
    package: 'snmpd',
    binary: '/usr/sbin/snmpd',
    ports: [161],
    args: (dir) => ['-f', '-Lo', '-C', '-c', `${dir}/snmpd.conf`, '-I', '-smux', 'udp:161,udp6:161'],
    files: (dir) => ({ 'snmpd.conf': `rocommunity public\n[snmp] persistentDir ${dir}\n` }),
  },
  {
    package: 'charon-systemd',
    binary: '/usr/sbin/charon-systemd',
    ports: [500, 4500],
    args: () => [],
  },
  {
    package: 'openvpn',
    binary: '/usr/sbin/openvpn',
    ports: [1194],
    args: (dir) => [
      ...['--port', '1194', '--proto', 'udp', '--dev', 'tun', '--mode', 'server', '--tls-server', '--dh', 'none'],
      ...['--ca', `${dir}/cert.pem`, '--cert', `${dir}/cert.pem`, '--key', `${dir}/key.pem`],
    ],
  },
  {
    package: 'xl2tpd',
    binary: '/usr/sbin/xl2tpd',
    ports: [1701],
    args: (dir) => ['-D', '-c', `${dir}/xl2tpd.conf`, '-p', `${dir}/pid`, '-C', `${dir}/control`],
    files: () => ({ 'xl2tpd.conf': '[global]\n[lns default]\nip range = 192.0.2.2-192.0.2.9\nlocal ip = 192.0.2.1\n' }),
  },
  {
    package: 'coturn',
    binary: '/usr/bin/turnserver',
    ports: [3478],
    args: (dir) => [
      ...['-n', '--no-cli', '--no-tls', '--no-dtls', '--no-rfc5780', '--listening-port', '3478'],
      ...['--log-file', 'stdout', '--pidfile', `${dir}/pid`, '--userdb', `${dir}/db`],
    ],
  },
  {
    package: 'kamailio',
    binary: '/usr/sbin/kamailio',
    ports: [5060],
    args: (dir) => [
      '-DD',
      '-E',
      '-f',
      `${dir}/kamailio.cfg`,
      '-P',
      `${dir}/pid`,
      '-Y',
      dir,
      '-n',
      '1',
      '-m',
      '16',
      '-M',
      '4',
    ],
    files: () => ({
      'kamailio.cfg':
        'fork=no\nlisten=udp:0.0.0.0:5060\nloadmodule "sl.so"\nrequest_route { sl_send_reply("200", "OK"); }\n',
    }),
  },
  {
    package: 'libcoap3-bin',
    binary: '/usr/bin/coap-server-notls',
    ports: [5683],
    args: () => ['-A', '0.0.0.0', '-p', '5683'],
  },
  {
    package: 'openssl',
    binary: '/usr/bin/openssl',
    ports: [5684],
    args: (dir) => [
      ...['s_server', '-dtls', '-listen', '-accept', '5684', '-quiet'],
      ...['-cert', `${dir}/cert.pem`, '-key', `${dir}/key.pem`],
    ],
  },
  {
    package: 'memcached',
    binary: '/usr/bin/memcached',
    ports: [11_211],
    args: () => ['-u', 'root', '-U', '11211', '-p', '0', '-l', '0.0.0.0'],
  },
  {
    package: 'inetutils-inetd',
    binary: '/usr/sbin/inetutils-inetd',
    ports: [7, 13, 19, 37],
    args: (dir) => ['-d', `${dir}/inetd.conf`],
    files: () => ({
      'inetd.conf': ['echo', 'daytime', 'chargen', 'time']
        .map((name) => `${name} dgram udp wait root internal\n`)
        .join(''),
    }),
  },
];
