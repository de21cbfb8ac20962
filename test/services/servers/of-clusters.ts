import type { RealServer } from '../run-server.ts';

/** The console of the scheduler, which stands one port above the scheduler itself. */
export const icecc: RealServer = {
  package: 'icecc',
  binary: '/usr/sbin/icecc-scheduler',
  launch: ({ port }) => ({ args: ['-p', String(port - 1)] }),
};

export const gmond: RealServer = {
  package: 'ganglia-monitor',
  binary: '/usr/sbin/gmond',
  launch: ({ port, dir }) => ({
    args: ['-f', '-c', `${dir}/gmond.conf`],
    files: {
      'gmond.conf': `globals { daemonize=no\n setuid=no\n mute=yes }\ncluster { name="lab" }\ntcp_accept_channel { port=${port}\n bind=127.0.0.1 }\n`,
    },
  }),
};

export const shellinabox: RealServer = {
  package: 'shellinabox',
  binary: '/usr/bin/shellinaboxd',
  launch: ({ port, dir }) => ({
    args: ['-p', String(port), '-t', '--localhost-only', '-s', `/:nobody:nogroup:${dir}:/bin/true`],
  }),
};

export const aptCacherNg: RealServer = {
  package: 'apt-cacher-ng',
  binary: '/usr/sbin/apt-cacher-ng',
  launch: ({ port, dir }) => ({
    args: ['ForeGround=1', `Port=${port}`, `CacheDir=${dir}`, `LogDir=${dir}`, 'BindAddress=127.0.0.1'],
  }),
};
