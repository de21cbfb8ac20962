import type { Place, RealServer } from '../run-server.ts';

const nginxWith = (server: (place: Place) => string): RealServer => ({
  package: 'nginx-light',
  binary: '/usr/sbin/nginx',
  launch: (place) => ({
    args: ['-e', `${place.dir}/error.log`, '-c', `${place.dir}/nginx.conf`, '-g', 'daemon off; user root;'],
    files: {
      'nginx.conf':
        `pid ${place.dir}/pid;\nevents {}\nhttp {\n  access_log off;\n` +
        ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
          .map((name) => `  ${name}_temp_path ${place.dir}/${name};\n`)
          .join('') +
        `  server {\n${server(place)}\n  }\n}\n`,
      'html/index.html': '<html><head><title>Front &amp; door</title></head></html>',
    },
  }),
});

export const nginx = nginxWith(({ port, dir }) => `listen 127.0.0.1:${port}; root ${dir}/html;`);

export const nginxThatRedirects = nginxWith(
  ({ port }) => `listen 127.0.0.1:${port}; return 301 https://www.example.org/;`,
);

const overTls = ({ port, certificate: { cert, key } }: Place, more: string): string =>
  `listen 127.0.0.1:${port} ssl${more}; ssl_certificate ${cert}; ssl_certificate_key ${key};`;

export const nginxTls = nginxWith((place) => `${overTls(place, '')} root ${place.dir}/html;`);

export const nginxHttp2 = nginxWith((place) => `${overTls(place, ' http2')} root ${place.dir}/html;`);

export const nginxOldTls = nginxWith(
  (place) => `${overTls(place, '')} ssl_protocols TLSv1; ssl_ciphers DEFAULT@SECLEVEL=0; root ${place.dir}/html;`,
);

export const nodeExporter: RealServer = {
  package: 'prometheus-node-exporter',
  binary: '/usr/bin/prometheus-node-exporter',
  launch: ({ port }) => ({ args: [`--web.listen-address=127.0.0.1:${port}`] }),
};

const PYTHON_PACKAGES = '/usr/lib/python3/dist-packages';

export const websockets: RealServer = {
  package: 'python3-websockets',
  binary: '/usr/bin/python3',
  needs: `${PYTHON_PACKAGES}/websockets`,
  launch: ({ port, dir }) => ({
    args: [`${dir}/server.py`],
    files: {
      'server.py': [
        'import asyncio, websockets',
        'async def talk(socket, path=None):',
        '    async for message in socket: await socket.send(message)',
        'async def main():',
        `    async with websockets.serve(talk, "127.0.0.1", ${port}): await asyncio.Future()`,
        'asyncio.run(main())',
        '',
      ].join('\n'),
    },
  }),
};

export const grpcio: RealServer = {
  package: 'python3-grpcio',
  binary: '/usr/bin/python3',
  needs: `${PYTHON_PACKAGES}/grpc`,
  launch: ({ port, dir }) => ({
    args: [`${dir}/server.py`],
    files: {
      'server.py': [
        'import grpc',
        'from concurrent import futures',
        'server = grpc.server(futures.ThreadPoolExecutor(max_workers=1))',
        `server.add_insecure_port("127.0.0.1:${port}")`,
        'server.start()',
        'server.wait_for_termination()',
        '',
      ].join('\n'),
    },
  }),
};

/** Node speaks HTTP/2 without TLS to whoever begins with it. */
export const nodeHttp2: RealServer = {
  package: 'node itself',
  binary: process.execPath,
  launch: ({ port }) => ({
    args: [
      '-e',
      `require('node:http2').createServer((_, response) => response.end('hello')).listen(${port}, '127.0.0.1')`,
    ],
  }),
};
