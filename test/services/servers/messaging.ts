import { NOBODY, type RealServer } from '../run-server.ts';

/** The queue, and its monitor on the second port. */
export const nats: RealServer = {
  package: 'nats-server',
  binary: '/usr/sbin/nats-server',
  launch: ({ port, second }) => ({ args: ['-a', '127.0.0.1', '-p', String(port), '-m', String(second)] }),
};

export const beanstalkd: RealServer = {
  package: 'beanstalkd',
  binary: '/usr/bin/beanstalkd',
  launch: ({ port }) => ({ args: ['-l', '127.0.0.1', '-p', String(port)] }),
};

export const gearmand: RealServer = {
  package: 'gearman-job-server',
  binary: '/usr/sbin/gearmand',
  launch: ({ port }) => ({ args: ['-L', '127.0.0.1', '-p', String(port), '-l', 'none', '-u', 'nobody'] }),
};

/** In plain text, and under TLS on the second port. */
export const ngircd: RealServer = {
  package: 'ngircd',
  binary: '/usr/sbin/ngircd',
  launch: ({ port, second, dir, certificate: { cert, key } }) => ({
    user: NOBODY,
    args: ['-n', '-f', `${dir}/ngircd.conf`],
    files: {
      'ngircd.conf': `[Global]\nName = irc.lab.example\nInfo = lab\nListen = 127.0.0.1\nPorts = ${port}\n[Options]\nDNS = no\nIdent = no\nPAM = no\n[SSL]\nCertFile = ${cert}\nKeyFile = ${key}\nPorts = ${second}\n`,
    },
  }),
};

export const inspircd: RealServer = {
  package: 'inspircd',
  binary: '/usr/sbin/inspircd',
  launch: ({ port, dir }) => ({
    args: ['--runasroot', '--nofork', '--nolog', `--config=${dir}/inspircd.conf`],
    files: {
      'inspircd.conf': `<server name="irc.lab.example" description="lab" network="lab" id="97K">\n<admin name="a" nick="a" email="a@lab.example">\n<bind address="127.0.0.1" port="${port}" type="clients">\n<connect allow="*" timeout="60">\n<pid file="${dir}/pid">\n`,
    },
  }),
};

export const bitlbee: RealServer = {
  package: 'bitlbee',
  binary: '/usr/sbin/bitlbee',
  launch: ({ port, dir }) => ({
    args: ['-D', '-n', '-i', '127.0.0.1', '-p', String(port), '-c', `${dir}/bitlbee.conf`, '-d', dir],
    files: { 'bitlbee.conf': `[settings]\nPidfile = ${dir}/pid\n` },
  }),
};

/** Clients; servers on the second port, and HTTP on the third. */
export const prosody: RealServer = {
  package: 'prosody',
  binary: '/usr/bin/prosody',
  launch: ({ port, second, third, dir, certificate: { cert, key } }) => ({
    args: ['-F', '--config', `${dir}/prosody.cfg.lua`],
    files: {
      'prosody.cfg.lua': `run_as_root = true\ndata_path = "${dir}"\npidfile = "${dir}/pid"\nlog = { error = "*console" }\ninterfaces = { "127.0.0.1" }\nc2s_ports = { ${port} }\ns2s_ports = { ${second} }\nhttp_ports = { ${third} }\nhttps_ports = {}\nmodules_enabled = { "saslauth", "tls", "http", "bosh", "dialback" }\nssl = { key = "${key}", certificate = "${cert}" }\nVirtualHost "localhost"\n`,
    },
  }),
};

const BROKER = `import org.apache.activemq.broker.BrokerService;
public class Broker {
  public static void main(String[] ports) throws Exception {
    BrokerService broker = new BrokerService();
    broker.setPersistent(false);
    broker.setUseJmx(false);
    broker.addConnector("tcp://127.0.0.1:" + ports[0]);
    broker.addConnector("stomp://127.0.0.1:" + ports[1]);
    broker.start();
    broker.waitUntilStopped();
  }
}
`;

/** OpenWire, and STOMP on the second port. */
export const activemq: RealServer = {
  package: 'activemq',
  binary: '/usr/bin/java',
  needs: '/usr/share/java/activemq-broker.jar',
  launch: ({ port, second, dir }) => ({
    args: ['-cp', '/usr/share/activemq/lib/*:/usr/share/java/*', `${dir}/Broker.java`, String(port), String(second)],
    files: { 'Broker.java': BROKER },
  }),
};

export const murmur: RealServer = {
  package: 'mumble-server',
  binary: '/usr/sbin/murmurd',
  launch: ({ port, dir }) => ({
    user: NOBODY,
    args: ['-fg', '-ini', `${dir}/murmur.ini`],
    files: {
      'murmur.ini': `host=127.0.0.1\nport=${port}\ndatabase=${dir}/murmur.sqlite\nlogfile=\nbonjour=False\nregisterName=\n`,
    },
  }),
};

export const quassel: RealServer = {
  package: 'quassel-core',
  binary: '/usr/bin/quasselcore',
  launch: ({ port, dir }) => ({ args: ['--listen', '127.0.0.1', '-p', String(port), '-c', dir] }),
};

export const spamd: RealServer = {
  package: 'spamd',
  binary: '/usr/sbin/spamd',
  launch: ({ port, dir }) => ({ args: ['-i', '127.0.0.1', '-p', String(port), '-x', '-L', '-m', '1', '-H', dir] }),
};

export const clamd: RealServer = {
  package: 'clamav-daemon',
  binary: '/usr/sbin/clamd',
  launch: ({ port, dir }) => ({
    user: NOBODY,
    args: ['-F', '-c', `${dir}/clamd.conf`],
    files: {
      'clamd.conf': `TCPSocket ${port}\nTCPAddr 127.0.0.1\nDatabaseDirectory ${dir}/db\n`,
      'db/test.ndb': 'Test.Signature:0:*:706f7274666c656574206e6f7468696e67\n',
    },
  }),
};

export const aiosmtpd: RealServer = {
  package: 'python3-aiosmtpd',
  binary: '/usr/bin/python3',
  needs: '/usr/lib/python3/dist-packages/aiosmtpd',
  launch: ({ port }) => ({ args: ['-m', 'aiosmtpd', '-n', '-l', `127.0.0.1:${port}`] }),
};

export const pyftpdlib: RealServer = {
  package: 'python3-pyftpdlib',
  binary: '/usr/bin/python3',
  needs: '/usr/lib/python3/dist-packages/pyftpdlib',
  launch: ({ port }) => ({ args: ['-m', 'pyftpdlib', '-i', '127.0.0.1', '-p', String(port)] }),
};
