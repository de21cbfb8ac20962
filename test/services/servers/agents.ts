import { NOBODY, type RealServer } from '../run-server.ts';

export const munin: RealServer = {
  package: 'munin-node',
  binary: '/usr/sbin/munin-node',
  launch: ({ port, dir }) => ({
    args: ['--foreground', '--config', `${dir}/munin-node.conf`],
    files: {
      // Else it tries Debian's plugins one by one, for three quarters of a minute, before it serves its first client.
      'munin-node.conf': `host 127.0.0.1\nport ${port}\nhost_name lab\nallow ^127\\.0\\.0\\.1$\nbackground 0\nsetsid 0\nuser root\ngroup root\nignore_file .\nlog_file ${dir}/log\npid_file ${dir}/pid\n`,
    },
  }),
};

export const zabbixAgent: RealServer = {
  package: 'zabbix-agent',
  binary: '/usr/sbin/zabbix_agentd',
  launch: ({ port, dir }) => ({
    user: NOBODY,
    args: ['-f', '-c', `${dir}/agent.conf`],
    files: {
      'agent.conf': `Server=127.0.0.1\nListenIP=127.0.0.1\nListenPort=${port}\nHostname=lab\nPidFile=${dir}/pid\nLogType=console\n`,
    },
  }),
};

export const nrpe: RealServer = {
  package: 'nagios-nrpe-server',
  binary: '/usr/sbin/nrpe',
  launch: ({ port, dir }) => ({
    args: ['-f', '-c', `${dir}/nrpe.cfg`],
    files: {
      'nrpe.cfg': `server_port=${port}\nserver_address=127.0.0.1\nallowed_hosts=127.0.0.1\nnrpe_user=nobody\nnrpe_group=nogroup\npid_file=${dir}/pid\ncommand[check]=/bin/true\n`,
    },
  }),
};

export const upsd: RealServer = {
  package: 'nut-server',
  binary: '/lib/nut/upsd',
  launch: ({ port, dir }) => ({
    env: { NUT_CONFPATH: dir, NUT_STATEPATH: dir, NUT_ALTPIDPATH: dir },
    args: ['-F', '-u', 'root'],
    files: {
      'ups.conf': `[lab]\n driver = dummy-ups\n port = ${dir}/dev\n`,
      'upsd.conf': `LISTEN 127.0.0.1 ${port}\nSTATEPATH ${dir}\n`,
      'upsd.users': '',
      'nut.conf': 'MODE=standalone\n',
    },
  }),
};

export const bacula: RealServer = {
  package: 'bacula-fd',
  binary: '/usr/sbin/bacula-fd',
  launch: ({ port, dir }) => ({
    args: ['-f', '-c', `${dir}/fd.conf`],
    files: {
      'fd.conf': `FileDaemon {\n Name = lab-fd\n FDAddress = 127.0.0.1\n FDport = ${port}\n WorkingDirectory = ${dir}\n Pid Directory = ${dir}\n}\nDirector {\n Name = lab-dir\n Password = "x"\n}\nMessages {\n Name = Standard\n director = lab-dir = all\n}\n`,
    },
  }),
};

export const dictd: RealServer = {
  package: 'dictd',
  binary: '/usr/sbin/dictd',
  launch: ({ port, dir }) => ({
    args: [
      ...['-d', 'nodetach', '-c', `${dir}/dictd.conf`, '--listen-to', '127.0.0.1', '--port', String(port)],
      ...['--pid-file', `${dir}/pid`],
    ],
    before: [['sh', '-c', `printf 'a\\tA\\tB\\n' > ${dir}/lab.index; printf 'a lab\\n' > ${dir}/lab.dict`]],
    files: { 'dictd.conf': `database lab { data "${dir}/lab.dict" index "${dir}/lab.index" }\n` },
  }),
};

/** Echo; daytime on the second port, time on the third. */
export const inetd: RealServer = {
  package: 'xinetd',
  binary: '/usr/sbin/xinetd',
  launch: ({ port, second, third, dir }) => ({
    args: ['-dontfork', '-f', `${dir}/xinetd.conf`, '-pidfile', `${dir}/pid`],
    files: {
      'xinetd.conf': ['defaults\n{\n bind = 127.0.0.1\n}']
        .concat(
          Object.entries({ echo: port, daytime: second, time: third }).map(
            ([name, at]) =>
              `service ${name}\n{\n type = INTERNAL UNLISTED\n id = ${name}-stream\n socket_type = stream\n protocol = tcp\n user = root\n wait = no\n port = ${at}\n}`,
          ),
        )
        .join('\n'),
    },
  }),
};

export const chargen: RealServer = {
  ...inetd,
  launch: ({ port, dir }) => ({
    args: ['-dontfork', '-f', `${dir}/xinetd.conf`, '-pidfile', `${dir}/pid`],
    files: {
      'xinetd.conf': `service chargen\n{\n type = INTERNAL UNLISTED\n id = chargen-stream\n socket_type = stream\n protocol = tcp\n user = root\n wait = no\n bind = 127.0.0.1\n port = ${port}\n}\n`,
    },
  }),
};

export const oidentd: RealServer = {
  package: 'oidentd',
  binary: '/usr/sbin/oidentd',
  launch: ({ port }) => ({ args: ['-i', '-a', '127.0.0.1', '-p', String(port), '-u', 'nobody', '-g', 'nogroup'] }),
};

export const epmd: RealServer = {
  package: 'erlang-base',
  binary: '/usr/bin/epmd',
  launch: ({ port }) => ({ args: ['-address', '127.0.0.1', '-port', String(port)] }),
};
