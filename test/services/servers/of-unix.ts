import { fileURLToPath } from 'node:url';
import { NOBODY, type RealServer } from '../run-server.ts';

const INETD = fileURLToPath(new URL('../../helpers/inetd.mjs', import.meta.url));

/** A server that talks on its standard input and output, as inetd starts it. */
const underInetd = (
  name: string,
  program: string,
  args: (place: Parameters<RealServer['launch']>[0]) => readonly string[],
): RealServer => ({
  package: name,
  binary: process.execPath,
  needs: program,
  launch: (place) => ({ args: [INETD, String(place.port), program, ...args(place)] }),
});

export const fingerd = underInetd('fingerd', '/usr/sbin/in.fingerd', () => []);
export const cvs = underInetd('cvs', '/usr/bin/cvs', ({ dir }) => ['-f', `--allow-root=${dir}`, 'pserver']);
export const saned = underInetd('sane-utils', '/usr/sbin/saned', () => []);
/** It refuses to be root. */
export const gophernicus: RealServer = {
  package: 'gophernicus',
  binary: process.execPath,
  needs: '/usr/sbin/gophernicus',
  launch: ({ port, dir }) => ({
    user: NOBODY,
    args: [INETD, String(port), '/usr/sbin/gophernicus', '-h', 'localhost', '-p', String(port), '-r', dir],
    files: { 'a.txt': 'A lab\n' },
  }),
};

/** The smallest spool that it takes for one: its own name, and a group. */
export const sn: RealServer = {
  package: 'sn',
  binary: process.execPath,
  needs: '/usr/sbin/snntpd',
  launch: ({ port, dir }) => ({
    args: [INETD, String(port), '/usr/sbin/snntpd', 'cat'],
    env: { SNROOT: dir },
    files: { '.me': 'lab.example\n', 'lab.test/.keep': '' },
  }),
};

/**
 * NFS of its own, without the kernel's; without a port mapper only version 4, which needs none. It takes no loopback address
 * where the network has no other, so it listens on all: for a network of its own alone.
 */
export const ganesha: RealServer = {
  package: 'nfs-ganesha-mem',
  binary: '/usr/bin/ganesha.nfsd',
  needs: '/usr/lib/x86_64-linux-gnu/ganesha/libfsalmem.so',
  launch: ({ port, dir }) => ({
    args: ['-F', '-f', `${dir}/ganesha.conf`, '-L', 'STDERR', '-p', `${dir}/pid`],
    files: {
      'ganesha.conf': [
        `NFS_CORE_PARAM { NFS_Port = ${port}; Protocols = 4; Enable_NLM = false; Enable_RQUOTA = false; }`,
        `NFSV4 { RecoveryBackend = fs; RecoveryRoot = "${dir}"; Graceless = true; }`,
        'EXPORT { Export_Id = 1; Path = /; Pseudo = /lab; Access_Type = RO; FSAL { Name = MEM; } }',
        '',
      ].join('\n'),
    },
  }),
};

export const nginxRtmp: RealServer = {
  package: 'libnginx-mod-rtmp',
  binary: '/usr/sbin/nginx',
  needs: '/usr/lib/nginx/modules/ngx_rtmp_module.so',
  launch: ({ port, dir }) => ({
    args: ['-p', dir, '-c', `${dir}/nginx.conf`, '-e', 'stderr'],
    files: {
      'nginx.conf': `load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;\ndaemon off;\npid ${dir}/pid;\nevents {}\nrtmp { server { listen 127.0.0.1:${port}; application live { live on; } } }\n`,
    },
  }),
};
