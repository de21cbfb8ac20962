import { NOBODY, type RealServer } from '../run-server.ts';

export const dropbear: RealServer = {
  package: 'dropbear-bin',
  binary: '/usr/sbin/dropbear',
  launch: ({ port, dir }) => ({
    before: [['dropbearkey', '-t', 'ed25519', '-f', `${dir}/hostkey`]],
    args: ['-F', '-E', '-p', `127.0.0.1:${port}`, '-r', `${dir}/hostkey`, '-P', `${dir}/pid`],
  }),
};

/** An SSH server behind TLS. */
export const stunnelSsh: RealServer = {
  package: 'stunnel4',
  binary: '/usr/bin/stunnel4',
  needs: '/usr/sbin/dropbear',
  launch: ({ port, dir, certificate: { cert, key } }) => ({
    before: [['dropbearkey', '-t', 'ed25519', '-f', `${dir}/hostkey`]],
    args: [`${dir}/stunnel.conf`],
    files: {
      'stunnel.conf': `foreground = yes\npid =\ncert = ${cert}\nkey = ${key}\n[ssh]\naccept = 127.0.0.1:${port}\nexec = /usr/sbin/dropbear\nexecArgs = dropbear -i -r ${dir}/hostkey\n`,
    },
  }),
};

export const openvpn: RealServer = {
  package: 'openvpn',
  binary: '/usr/sbin/openvpn',
  launch: ({ port, certificate: { cert, key } }) => ({
    args: [
      ...['--tls-server', '--dev', 'null', '--proto', 'tcp-server', '--local', '127.0.0.1'],
      ...['--port', String(port), '--ca', cert, '--cert', cert, '--key', key, '--dh', 'none'],
    ],
  }),
};

/** The proxy, and its control port. */
export const tor: RealServer = {
  package: 'tor',
  binary: '/usr/sbin/tor',
  launch: ({ port, second, dir }) => ({
    args: [
      ...['-f', `${dir}/torrc`, '--SocksPort', `127.0.0.1:${port}`, '--ControlPort', `127.0.0.1:${second}`],
      ...['--DataDirectory', `${dir}/data`, '--quiet', '--ClientOnly', '1'],
    ],
    files: { torrc: '' },
  }),
};

export const dante: RealServer = {
  package: 'dante-server',
  binary: '/usr/sbin/danted',
  launch: ({ port, dir }) => ({
    args: ['-f', `${dir}/danted.conf`, '-p', `${dir}/pid`],
    files: {
      'danted.conf': `internal: 127.0.0.1 port = ${port}\nexternal: 127.0.0.1\nsocksmethod: none\nclientmethod: none\nuser.unprivileged: nobody\nclient pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }\nsocks pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }\n`,
    },
  }),
};

export const iperf3: RealServer = {
  package: 'iperf3',
  binary: '/usr/bin/iperf3',
  launch: ({ port }) => ({ args: ['-s', '-B', '127.0.0.1', '-p', String(port)] }),
};

export const debugpy: RealServer = {
  package: 'python3-debugpy',
  binary: '/usr/bin/python3',
  needs: '/usr/lib/python3/dist-packages/debugpy',
  launch: ({ port, dir }) => ({
    args: ['-m', 'debugpy', '--listen', `127.0.0.1:${port}`, `${dir}/wait.py`],
    files: { 'wait.py': 'import time\ntime.sleep(86400)\n' },
  }),
};

export const mpd: RealServer = {
  package: 'mpd',
  binary: '/usr/bin/mpd',
  launch: ({ port, dir }) => ({
    user: NOBODY,
    args: ['--no-daemon', `${dir}/mpd.conf`],
    files: {
      'mpd.conf': `bind_to_address "127.0.0.1"\nport "${port}"\nlog_file "${dir}/log"\nmusic_directory "${dir}"\ndb_file "${dir}/db"\naudio_output {\n type "null"\n name "none"\n}\n`,
    },
  }),
};

export const pulseaudio: RealServer = {
  package: 'pulseaudio',
  binary: '/usr/bin/pulseaudio',
  launch: ({ port, dir }) => ({
    user: NOBODY,
    env: { XDG_RUNTIME_DIR: dir },
    args: [
      ...['-n', '--daemonize=no', '--exit-idle-time=-1', '--use-pid-file=no'],
      ...['-L', `module-native-protocol-tcp port=${port} listen=127.0.0.1 auth-anonymous=1`],
    ],
  }),
};

export const usbip: RealServer = {
  package: 'usbip',
  binary: '/usr/sbin/usbipd',
  launch: ({ port }) => ({ args: ['-4', '-t', String(port)] }),
};
