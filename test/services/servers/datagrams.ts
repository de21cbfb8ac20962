import type { RealServer } from '../run-server.ts';
import * as databases from './databases.ts';
import * as network from './network.ts';
import * as tunnels from './tunnels.ts';
import * as servers from './web-servers.ts';

/** Servers that listen on UDP alone, and others as they do so. */

export const snmpd: RealServer = {
  package: 'snmpd',
  binary: '/usr/sbin/snmpd',
  datagramsOnly: true,
  launch: ({ port, dir }) => ({
    args: ['-f', '-C', '-c', `${dir}/snmpd.conf`, '-Lo', `udp:127.0.0.1:${port}`],
    env: { SNMP_PERSISTENT_DIR: dir, MIBS: '' },
    files: { 'snmpd.conf': 'rocommunity public 127.0.0.1\nsysDescr A test of Portfleet\nagentXSocket none\n' },
  }),
};

export const chrony: RealServer = {
  package: 'chrony',
  binary: '/usr/sbin/chronyd',
  datagramsOnly: true,
  launch: ({ port, dir }) => ({
    args: ['-d', '-x', '-u', 'root', '-f', `${dir}/chrony.conf`],
    files: {
      'chrony.conf': `local stratum 10\nallow 127.0.0.1\nport ${port}\ncmdport 0\nbindaddress 127.0.0.1\npidfile ${dir}/pid\nbindcmdaddress /\n`,
    },
  }),
};

export const tftpd: RealServer = {
  package: 'tftpd-hpa',
  binary: '/usr/sbin/in.tftpd',
  datagramsOnly: true,
  launch: ({ port, dir }) => ({
    args: ['--listen', '--foreground', '--user', 'root', '--address', `127.0.0.1:${port}`, '--secure', dir],
  }),
};

export const openvpn: RealServer = {
  ...tunnels.openvpn,
  datagramsOnly: true,
  launch: (place) => {
    const { args } = tunnels.openvpn.launch(place);
    return { args: args.map((word) => (word === 'tcp-server' ? 'udp' : word)) };
  },
};

export const kamailio: RealServer = {
  ...network.kamailio,
  datagramsOnly: true,
  launch: (place) => {
    const { args, files = {} } = network.kamailio.launch(place);
    const config = (files['kamailio.cfg'] ?? '').replace('listen=tcp:', 'listen=udp:');
    return { args, files: { 'kamailio.cfg': config } };
  },
};

export const memcached: RealServer = {
  ...databases.memcached,
  launch: (place) => {
    const { args, ...rest } = databases.memcached.launch(place);
    return { ...rest, args: args.map((word, at) => (args[at - 1] === '-U' ? String(place.port) : word)) };
  },
};

export const caddy: RealServer = {
  ...servers.caddy,
  launch: ({ port, dir, certificate: { cert, key } }) => ({
    env: { XDG_CONFIG_HOME: dir, XDG_DATA_HOME: dir },
    args: ['run', '--config', `${dir}/Caddyfile`, '--adapter', 'caddyfile'],
    files: {
      Caddyfile: `{\n\tadmin off\n\tauto_https off\n\tskip_install_trust\n}\nhttps://localhost:${port} {\n\tbind 127.0.0.1\n\ttls ${cert} ${key}\n}\n`,
    },
  }),
};
