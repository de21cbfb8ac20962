import { NOBODY, type RealServer } from '../run-server.ts';

const PAGE = '<!doctype html><title>Svc Lab</title><h1>Svc Lab</h1>\n';

const MODULES = '/usr/lib/apache2/modules';

export const apache: RealServer = {
  package: 'apache2',
  binary: '/usr/sbin/apache2',
  launch: ({ port, second, dir, certificate: { cert, key } }) => ({
    args: ['-X', '-d', dir, '-f', `${dir}/apache.conf`],
    files: {
      'apache.conf': [
        ...['mpm_event', 'authz_core', 'dir', 'ssl'].map(
          (name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`,
        ),
        `Listen 127.0.0.1:${port}\nListen 127.0.0.1:${second}\nServerName localhost\nUser nobody\nGroup nogroup`,
        `PidFile ${dir}/pid\nErrorLog ${dir}/error.log\nDocumentRoot ${dir}/www\nServerTokens OS`,
        `<VirtualHost 127.0.0.1:${second}>\nSSLEngine on\nSSLCertificateFile ${cert}\nSSLCertificateKeyFile ${key}\n</VirtualHost>\n`,
      ].join('\n'),
      'www/index.html': PAGE,
    },
  }),
};

export const lighttpd: RealServer = {
  package: 'lighttpd',
  binary: '/usr/sbin/lighttpd',
  launch: ({ port, dir }) => ({
    args: ['-D', '-f', `${dir}/lighttpd.conf`],
    files: {
      'lighttpd.conf': `server.port = ${port}\nserver.bind = "127.0.0.1"\nserver.document-root = "${dir}/www"\nindex-file.names = ("index.html")\nmimetype.assign = (".html" => "text/html")\n`,
      'www/index.html': PAGE,
    },
  }),
};

export const caddy: RealServer = {
  package: 'caddy',
  binary: '/usr/bin/caddy',
  launch: ({ port, dir }) => ({
    env: { XDG_CONFIG_HOME: dir, XDG_DATA_HOME: dir },
    args: ['run', '--config', `${dir}/Caddyfile`, '--adapter', 'caddyfile'],
    files: { Caddyfile: `{\n\tadmin off\n\tauto_https off\n}\nhttp://127.0.0.1:${port} {\n\trespond "Svc Lab"\n}\n` },
  }),
};

/** A frontend without a backend, and on the second port the statistics. */
export const haproxy: RealServer = {
  package: 'haproxy',
  binary: '/usr/sbin/haproxy',
  launch: ({ port, second, dir }) => ({
    args: ['-db', '-f', `${dir}/haproxy.cfg`],
    files: {
      'haproxy.cfg': [
        'defaults\n  mode http\n  timeout client 5s\n  timeout connect 5s\n  timeout server 5s',
        `frontend plain\n  bind 127.0.0.1:${port}`,
        `frontend stats\n  bind 127.0.0.1:${second}\n  stats enable\n  stats uri /\n`,
      ].join('\n'),
    },
  }),
};

export const squid: RealServer = {
  package: 'squid',
  binary: '/usr/sbin/squid',
  launch: ({ port, dir }) => ({
    user: NOBODY,
    args: ['-N', '-f', `${dir}/squid.conf`],
    files: {
      'squid.conf': `http_port 127.0.0.1:${port}\npid_filename ${dir}/pid\ncache_log ${dir}/cache.log\naccess_log none\ncoredump_dir ${dir}\ncache_mem 8 MB\nnetdb_filename none\n`,
    },
  }),
};

/** Nothing is behind it; its command line is on the second port. */
export const varnish: RealServer = {
  package: 'varnish',
  binary: '/usr/sbin/varnishd',
  launch: ({ port, second, third, dir }) => ({
    args: [
      ...['-F', '-a', `127.0.0.1:${port}`, '-T', `127.0.0.1:${second}`, '-b', `127.0.0.1:${third}`],
      ...['-n', `${dir}/varnish`, '-j', 'none', '-s', 'malloc,8m'],
    ],
  }),
};

const APP = `def app(environ, start_response):
    start_response('200 OK', [('Content-Type', 'text/html')])
    return [b'<title>Svc Lab</title>']

async def asgi(scope, receive, send):
    if scope['type'] != 'http':
        return
    await send({'type': 'http.response.start', 'status': 200, 'headers': [(b'content-type', b'text/html')]})
    await send({'type': 'http.response.body', 'body': b'<title>Svc Lab</title>'})
`;

export const gunicorn: RealServer = {
  package: 'gunicorn',
  binary: '/usr/bin/gunicorn',
  launch: ({ port }) => ({ args: ['-b', `127.0.0.1:${port}`, 'page:app'], files: { 'page.py': APP } }),
};

export const uvicorn: RealServer = {
  package: 'uvicorn',
  binary: '/usr/bin/uvicorn',
  launch: ({ port }) => ({
    args: ['--host', '127.0.0.1', '--port', String(port), 'page:asgi'],
    files: { 'page.py': APP },
  }),
};

export const werkzeug: RealServer = {
  package: 'python3-werkzeug',
  binary: '/usr/bin/python3',
  needs: '/usr/lib/python3/dist-packages/werkzeug',
  launch: ({ port }) => ({
    args: ['-c', `import page, werkzeug.serving as s; s.run_simple('127.0.0.1', ${port}, page.app)`],
    files: { 'page.py': APP },
  }),
};

export const tornado: RealServer = {
  package: 'python3-tornado',
  binary: '/usr/bin/python3',
  needs: '/usr/lib/python3/dist-packages/tornado',
  launch: ({ port }) => ({
    args: [
      '-c',
      `import tornado.web, tornado.ioloop as i; tornado.web.Application([]).listen(${port}, '127.0.0.1'); i.IOLoop.current().start()`,
    ],
  }),
};

export const express: RealServer = {
  package: 'node itself',
  binary: process.execPath,
  launch: ({ port }) => ({
    args: [
      '-e',
      `require('http').createServer((_, answer) => { answer.setHeader('X-Powered-By', 'Express'); answer.end('<title>Node</title>'); }).listen(${port}, '127.0.0.1')`,
    ],
  }),
};

export const php: RealServer = {
  package: 'php-cli',
  binary: '/usr/bin/php',
  launch: ({ port, dir }) => ({
    args: ['-S', `127.0.0.1:${port}`, '-t', `${dir}/www`],
    files: { 'www/index.php': PAGE },
  }),
};

export const webfs: RealServer = {
  package: 'webfs',
  binary: '/usr/bin/webfsd',
  launch: ({ port, dir }) => ({
    args: ['-F', '-4', '-i', '127.0.0.1', '-p', String(port), '-r', `${dir}/www`, '-f', 'index.html'],
    files: { 'www/index.html': PAGE },
  }),
};

export const miniHttpd: RealServer = {
  package: 'mini-httpd',
  binary: '/usr/sbin/mini_httpd',
  launch: ({ port, dir }) => ({
    args: ['-D', '-h', '127.0.0.1', '-p', String(port), '-d', `${dir}/www`, '-u', 'nobody', '-l', `${dir}/log`],
    files: { 'www/index.html': PAGE },
  }),
};

export const h2o: RealServer = {
  package: 'h2o',
  binary: '/usr/bin/h2o',
  launch: ({ port, dir, certificate: { cert, key } }) => ({
    args: ['-c', `${dir}/h2o.conf`],
    files: {
      'h2o.conf': `user: root\nlisten:\n  host: 127.0.0.1\n  port: ${port}\n  ssl:\n    certificate-file: ${cert}\n    key-file: ${key}\nhosts:\n  default:\n    paths:\n      /:\n        file.dir: ${dir}/www\n`,
      'www/index.html': PAGE,
    },
  }),
};

export const tinyproxy: RealServer = {
  package: 'tinyproxy',
  binary: '/usr/bin/tinyproxy',
  launch: ({ port, dir }) => ({
    args: ['-d', '-c', `${dir}/tinyproxy.conf`],
    files: { 'tinyproxy.conf': `Port ${port}\nListen 127.0.0.1\nMaxClients 20\nStartServers 2\nTimeout 10\n` },
  }),
};

export const privoxy: RealServer = {
  package: 'privoxy',
  binary: '/usr/sbin/privoxy',
  launch: ({ port, dir }) => ({
    args: ['--no-daemon', `${dir}/config`],
    files: { config: `confdir /etc/privoxy\nlogdir ${dir}\nlisten-address 127.0.0.1:${port}\n` },
  }),
};
