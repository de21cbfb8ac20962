import { type Launch, NOBODY, type Place, type RealServer } from '../run-server.ts';

const PYTHON = '/usr/bin/python3';
const PYTHON_PACKAGES = '/usr/lib/python3/dist-packages';

/** A server that Debian has as a package of Python, and that a few lines start. */
const inPython = (name: string, folder: string, lines: (place: Place) => readonly string[]): RealServer => ({
  package: name,
  binary: PYTHON,
  needs: `${PYTHON_PACKAGES}/${folder}`,
  launch: (place) => ({ args: [`${place.dir}/server.py`], files: { 'server.py': `${lines(place).join('\n')}\n` } }),
});

const WSGI = [
  'def app(environ, start_response):',
  "    start_response('200 OK', [('Content-Type', 'text/html')])",
  "    return [b'<title>Lab</title>']",
];

export const waitress = inPython('python3-waitress', 'waitress', ({ port }) => [
  'import waitress',
  ...WSGI,
  `waitress.serve(app, host='127.0.0.1', port=${port})`,
]);

export const cheroot = inPython('python3-cheroot', 'cheroot', ({ port }) => [
  'from cheroot.wsgi import Server',
  ...WSGI,
  `Server(('127.0.0.1', ${port}), app).start()`,
]);

export const aiohttp = inPython('python3-aiohttp', 'aiohttp', ({ port }) => [
  'from aiohttp import web',
  `web.run_app(web.Application(), host='127.0.0.1', port=${port})`,
]);

export const asyncssh = inPython('python3-asyncssh', 'asyncssh', ({ port }) => [
  'import asyncio, asyncssh',
  'async def main():',
  "    key = asyncssh.generate_private_key('ssh-ed25519')",
  `    await asyncssh.create_server(asyncssh.SSHServer, '127.0.0.1', ${port}, server_host_keys=[key])`,
  '    await asyncio.Future()',
  'asyncio.run(main())',
]);

export const zeromq = inPython('python3-zmq', 'zmq', ({ port }) => [
  'import time, zmq',
  'socket = zmq.Context().socket(zmq.REP)',
  `socket.bind('tcp://127.0.0.1:${port}')`,
  'time.sleep(86400)',
]);

const twisted = (service: (place: Place) => readonly string[]): RealServer => ({
  package: 'python3-twisted',
  binary: '/usr/bin/twistd3',
  launch: (place) => ({ args: ['-n', '--pidfile=', ...service(place)] }),
});

export const twistedWeb = twisted(({ port, dir }) => [
  'web',
  '--listen',
  `tcp:${port}:interface=127.0.0.1`,
  '--path',
  dir,
]);
export const twistedFtp = twisted(({ port }) => ['ftp', '-p', String(port)]);
/** POP3 on the first port, SMTP on the second. */
export const twistedMail = twisted(({ port, second, dir }) => [
  'mail',
  ...['--pop3', `tcp:${port}:interface=127.0.0.1`, '--smtp', `tcp:${second}:interface=127.0.0.1`],
  ...['--maildirdbmdomain', `lab.example=${dir}/mail`],
]);

export const webrick: RealServer = {
  package: 'ruby-webrick',
  binary: '/usr/bin/ruby',
  needs: '/usr/share/doc/ruby-webrick',
  launch: ({ port, dir }) => ({
    args: [
      '-rwebrick',
      '-e',
      `WEBrick::HTTPServer.new(BindAddress: '127.0.0.1', Port: ${port}, DocumentRoot: '${dir}').start`,
    ],
  }),
};

export const sentinel: RealServer = {
  package: 'redis-sentinel',
  binary: '/usr/bin/redis-sentinel',
  launch: ({ port, dir }) => ({
    args: [`${dir}/sentinel.conf`],
    files: { 'sentinel.conf': `port ${port}\nbind 127.0.0.1\ndir ${dir}\n` },
  }),
};

/** Its statistics on the second port. */
export const twemproxy: RealServer = {
  package: 'nutcracker',
  binary: '/usr/sbin/nutcracker',
  launch: ({ port, second, third, dir }) => ({
    args: ['-c', `${dir}/lab.yml`, '-s', String(second), '-a', '127.0.0.1', '-o', `${dir}/log`],
    files: { 'lab.yml': `lab:\n  listen: 127.0.0.1:${port}\n  redis: true\n  servers:\n   - 127.0.0.1:${third}:1\n` },
  }),
};

export const recursor: RealServer = {
  package: 'pdns-recursor',
  binary: '/usr/sbin/pdns_recursor',
  launch: ({ port, dir }) => ({
    args: [
      `--config-dir=${dir}`,
      '--local-address=127.0.0.1',
      `--local-port=${port}`,
      `--socket-dir=${dir}`,
      '--daemon=no',
    ],
    files: { 'recursor.conf': '' },
  }),
};

/** ManageSieve on the first port, LMTP on the second. */
export const pigeonhole: RealServer = {
  package: 'dovecot-managesieved',
  binary: '/usr/sbin/dovecot',
  needs: '/usr/lib/dovecot/managesieve-login',
  launch: ({ port, second, dir }): Launch => ({
    args: ['-F', '-c', `${dir}/dovecot.conf`],
    files: {
      'dovecot.conf': [
        `base_dir = ${dir}/run`,
        `log_path = ${dir}/log`,
        'protocols = sieve lmtp',
        'ssl = no',
        'listen = 127.0.0.1',
        `service managesieve-login {\n inet_listener sieve {\n port = ${port}\n }\n}`,
        `service lmtp {\n inet_listener lmtp {\n address = 127.0.0.1\n port = ${second}\n }\n}`,
        'passdb {\n driver = static\n args = nopassword\n}',
        'userdb {\n driver = static\n args = uid=65534 gid=65534 home=/tmp\n}',
        '',
      ].join('\n'),
    },
  }),
};

export const uhub: RealServer = {
  package: 'uhub',
  binary: '/usr/bin/uhub',
  launch: ({ port, dir }) => ({
    args: ['-c', `${dir}/uhub.conf`],
    files: { 'uhub.conf': `server_port=${port}\nserver_bind_addr=127.0.0.1\n` },
  }),
};

export const radicale: RealServer = {
  package: 'radicale',
  binary: PYTHON,
  needs: `${PYTHON_PACKAGES}/radicale`,
  launch: ({ port, dir }) => ({
    args: ['-m', 'radicale', '-H', `127.0.0.1:${port}`, `--storage-filesystem-folder=${dir}/store`],
  }),
};

export const lcdproc: RealServer = {
  package: 'lcdproc',
  binary: '/usr/sbin/LCDd',
  launch: ({ port, dir }) => ({
    user: NOBODY,
    args: ['-f', '-c', `${dir}/LCDd.conf`],
    files: {
      'LCDd.conf': `[server]\nDriverPath=/usr/lib/x86_64-linux-gnu/lcdproc/\nDriver=text\nBind=127.0.0.1\nPort=${port}\nForeground=yes\nUser=nobody\nReportToSyslog=no\n`,
    },
  }),
};

export const mercurial: RealServer = {
  package: 'mercurial',
  binary: '/usr/bin/hg',
  launch: ({ port, dir }) => ({
    before: [['hg', 'init', `${dir}/lab`]],
    args: ['serve', '-R', `${dir}/lab`, '-a', '127.0.0.1', '-p', String(port)],
  }),
};

export const svnserve: RealServer = {
  package: 'subversion',
  binary: '/usr/bin/svnserve',
  launch: ({ port, dir }) => ({
    args: ['-d', '--foreground', '-r', dir, '--listen-host', '127.0.0.1', '--listen-port', String(port)],
  }),
};

export const pushgateway: RealServer = {
  package: 'prometheus-pushgateway',
  binary: '/usr/bin/prometheus-pushgateway',
  launch: ({ port }) => ({ args: [`--web.listen-address=127.0.0.1:${port}`] }),
};

export const gpsd: RealServer = {
  package: 'gpsd',
  binary: '/usr/sbin/gpsd',
  launch: ({ port, dir }) => ({ args: ['-N', '-F', `${dir}/control`, '-S', String(port)] }),
};

export const gdnsd: RealServer = {
  package: 'gdnsd',
  binary: '/usr/sbin/gdnsd',
  launch: ({ port, dir }) => ({
    args: ['-c', dir, 'start'],
    files: {
      config: `options => { listen => 127.0.0.1:${port}, run_dir => ${dir}, state_dir => ${dir} }\n`,
      'zones/.keep': '',
    },
  }),
};
