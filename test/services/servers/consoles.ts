import { NOBODY, type RealServer } from '../run-server.ts';

export const cups: RealServer = {
  package: 'cups-daemon',
  binary: '/usr/sbin/cupsd',
  launch: ({ port, dir }) => ({
    args: ['-f', '-c', `${dir}/cupsd.conf`, '-s', `${dir}/cups-files.conf`],
    files: {
      'cupsd.conf': `Listen 127.0.0.1:${port}\nLogLevel none\nWebInterface Yes\nBrowsing No\n<Location />\nOrder allow,deny\nAllow all\n</Location>\n`,
      'cups-files.conf': `ServerRoot ${dir}\nStateDir ${dir}\nCacheDir ${dir}\nRequestRoot ${dir}\nTempDir ${dir}\nErrorLog ${dir}/error\nAccessLog ${dir}/access\nPageLog ${dir}/page\n`,
    },
  }),
};

/** Its console, and on the second port its protocol; it talks to no discovery server and no relay. */
export const syncthing: RealServer = {
  package: 'syncthing',
  binary: '/usr/bin/syncthing',
  launch: ({ port, second, dir }) => ({
    args: ['serve', '--no-browser', '--no-restart', `--home=${dir}`],
    env: { STNOUPGRADE: '1' },
    files: {
      'config.xml': `<configuration version="36"><gui enabled="true" tls="false"><address>127.0.0.1:${port}</address></gui><options><listenAddress>tcp://127.0.0.1:${second}</listenAddress><globalAnnounceEnabled>false</globalAnnounceEnabled><localAnnounceEnabled>false</localAnnounceEnabled><relaysEnabled>false</relaysEnabled><natEnabled>false</natEnabled><urAccepted>-1</urAccepted><crashReportingEnabled>false</crashReportingEnabled></options></configuration>`,
    },
  }),
};

/** Its console, and on the second port its peers. */
export const transmission: RealServer = {
  package: 'transmission-daemon',
  binary: '/usr/bin/transmission-daemon',
  launch: ({ port, second, dir }) => ({
    args: ['-f', '-g', dir],
    files: {
      'settings.json': JSON.stringify({
        'rpc-bind-address': '127.0.0.1',
        'rpc-port': port,
        'bind-address-ipv4': '127.0.0.1',
        'peer-port': second,
        'dht-enabled': false,
        'lpd-enabled': false,
        'utp-enabled': false,
        'port-forwarding-enabled': false,
        'download-dir': dir,
      }),
    },
  }),
};

export const deluge: RealServer = {
  package: 'deluged',
  binary: '/usr/bin/deluged',
  launch: ({ port, dir }) => ({
    args: ['-d', '-c', dir, '-i', '127.0.0.1', '-u', '127.0.0.1', '-p', String(port)],
    files: {
      'core.conf': `{"file": 1, "format": 1}{"dht": false, "upnp": false, "natpmp": false, "lsd": false, "utpex": false, "new_release_check": false, "listen_interface": "127.0.0.1"}`,
    },
  }),
};

export const icecast: RealServer = {
  package: 'icecast2',
  binary: '/usr/bin/icecast2',
  launch: ({ port, dir }) => ({
    user: NOBODY,
    args: ['-c', `${dir}/icecast.xml`],
    files: {
      'icecast.xml': `<icecast><authentication><source-password>x</source-password></authentication><hostname>localhost</hostname><listen-socket><port>${port}</port><bind-address>127.0.0.1</bind-address></listen-socket><paths><basedir>${dir}</basedir><logdir>${dir}</logdir><webroot>${dir}</webroot><adminroot>${dir}</adminroot></paths><logging><errorlog>error.log</errorlog></logging></icecast>`,
    },
  }),
};

export const dockerRegistry: RealServer = {
  package: 'docker-registry',
  binary: '/usr/bin/docker-registry',
  launch: ({ port, dir }) => ({
    args: ['serve', `${dir}/registry.yml`],
    files: {
      'registry.yml': `version: 0.1\nlog:\n  level: error\nstorage:\n  filesystem:\n    rootdirectory: ${dir}/data\nhttp:\n  addr: 127.0.0.1:${port}\n`,
    },
  }),
};

export const influxdb: RealServer = {
  package: 'influxdb',
  binary: '/usr/bin/influxd',
  launch: ({ port, second, dir }) => ({
    args: ['run', '-config', `${dir}/influx.conf`],
    files: {
      'influx.conf': `reporting-disabled = true\nbind-address = "127.0.0.1:${second}"\n[meta]\n  dir = "${dir}/meta"\n[data]\n  dir = "${dir}/data"\n  wal-dir = "${dir}/wal"\n[http]\n  bind-address = "127.0.0.1:${port}"\n`,
    },
  }),
};

export const prometheus: RealServer = {
  package: 'prometheus',
  binary: '/usr/bin/prometheus',
  launch: ({ port, dir }) => ({
    args: [
      `--config.file=${dir}/prometheus.yml`,
      `--web.listen-address=127.0.0.1:${port}`,
      `--storage.tsdb.path=${dir}/data`,
    ],
    files: { 'prometheus.yml': 'scrape_configs: []\n' },
  }),
};

export const alertmanager: RealServer = {
  package: 'prometheus-alertmanager',
  binary: '/usr/bin/prometheus-alertmanager',
  launch: ({ port, dir }) => ({
    args: [
      `--config.file=${dir}/am.yml`,
      `--web.listen-address=127.0.0.1:${port}`,
      `--storage.path=${dir}/data`,
      '--cluster.listen-address=',
    ],
    files: { 'am.yml': 'route:\n  receiver: none\nreceivers:\n  - name: none\n' },
  }),
};

export const monit: RealServer = {
  package: 'monit',
  binary: '/usr/bin/monit',
  launch: ({ port, dir }) => ({
    before: [['chmod', '600', `${dir}/monitrc`]],
    args: ['-I', '-c', `${dir}/monitrc`],
    files: {
      monitrc: `set daemon 30\nset pidfile ${dir}/pid\nset idfile ${dir}/id\nset statefile ${dir}/state\nset httpd port ${port} use address 127.0.0.1 allow lab:lab\n`,
    },
  }),
};

/** The inspector of Node: whoever reaches it runs code. */
export const nodeInspector: RealServer = {
  package: 'node itself',
  binary: process.execPath,
  launch: ({ port }) => ({ args: [`--inspect=127.0.0.1:${port}`, '-e', 'setInterval(() => {}, 1000)'] }),
};

export const ocserv: RealServer = {
  package: 'ocserv',
  binary: '/usr/sbin/ocserv',
  launch: ({ port, dir, certificate: { cert, key } }) => ({
    args: ['-f', '-c', `${dir}/ocserv.conf`],
    files: {
      'ocserv.conf': `auth = "plain[passwd=${dir}/passwd]"\nlisten-host = 127.0.0.1\ntcp-port = ${port}\nrun-as-user = nobody\nrun-as-group = nogroup\nsocket-file = ${dir}/socket\nserver-cert = ${cert}\nserver-key = ${key}\nisolate-workers = false\ndevice = vpns\nipv4-network = 192.168.99.0/24\nmax-clients = 4\npid-file = ${dir}/pid\nuse-occtl = false\n`,
      passwd: '',
    },
  }),
};
