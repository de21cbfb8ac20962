import type { Place, RealServer } from './run-server.ts';
import * as agents from './servers/agents.ts';
import * as brokers from './servers/brokers.ts';
import * as consoles from './servers/consoles.ts';
import * as databases from './servers/databases.ts';
import * as files from './servers/files-and-screens.ts';
import * as further from './servers/further.ts';
import * as java from './servers/java.ts';
import * as mail from './servers/mail.ts';
import * as messaging from './servers/messaging.ts';
import * as names from './servers/names.ts';
import * as network from './servers/network.ts';
import * as clusters from './servers/of-clusters.ts';
import * as registries from './servers/of-registries.ts';
import * as unix from './servers/of-unix.ts';
import * as stores from './servers/stores.ts';
import * as tunnels from './servers/tunnels.ts';
import * as web from './servers/web.ts';
import * as servers from './servers/web-servers.ts';

/** One port of a real server, where it is usual, and what is true of it. */
export interface Rostered {
  readonly server: RealServer;
  /** Which of the server's ports. */
  readonly at: 'port' | 'second' | 'third';
  readonly usual: number;
  /** Names that are right, nmap's among them. */
  readonly protocol: RegExp;
  /** The product, where a stranger can be told it. */
  readonly product?: RegExp;
  /** The version, where a stranger is told it without logging in. */
  readonly version?: RegExp;
}

const entry = (
  server: RealServer,
  usual: number,
  protocol: RegExp,
  more: Partial<Pick<Rostered, 'at' | 'product' | 'version'>> = {},
): Rostered => ({ server, at: 'port', usual, protocol, ...more });

const HTTP = /^(http|http-proxy|http-alt|https|ipp|websocket)$/;
const DNS = /^(dns|domain)$/;
const IRC = /^(irc|ircs)$/;

/** Beside nmap, on the same ports: every server that Debian has and that starts by itself within seconds. */
export const ROSTER: Readonly<Record<string, Rostered>> = {
  apache: entry(servers.apache, 80, HTTP, { product: /Apache/, version: /^2\.4\.\d+/ }),
  'apache, TLS': entry(servers.apache, 443, HTTP, { at: 'second', product: /Apache/, version: /^2\.4\.\d+/ }),
  lighttpd: entry(servers.lighttpd, 80, HTTP, { product: /lighttpd/, version: /^1\.4/ }),
  caddy: entry(servers.caddy, 80, HTTP, { product: /Caddy/ }),
  haproxy: entry(servers.haproxy, 80, HTTP, { product: /HAProxy/ }),
  'haproxy statistics': entry(servers.haproxy, 8404, HTTP, { at: 'second', product: /HAProxy/, version: /^2\.6/ }),
  squid: entry(servers.squid, 3128, HTTP, { product: /squid/i, version: /^5\.7/ }),
  varnish: entry(servers.varnish, 6081, HTTP, { product: /Varnish/i, version: /^7\.1/ }),
  'varnish CLI': entry(servers.varnish, 6082, /^varnish-cli$/, { at: 'second', product: /Varnish/ }),
  gunicorn: entry(servers.gunicorn, 8000, HTTP, { product: /gunicorn/ }),
  uvicorn: entry(servers.uvicorn, 8000, HTTP, { product: /uvicorn/i }),
  werkzeug: entry(servers.werkzeug, 5000, HTTP, { product: /Werkzeug/, version: /^2\.2/ }),
  tornado: entry(servers.tornado, 8888, HTTP, { product: /Tornado/, version: /^6\./ }),
  express: entry(servers.express, 3000, HTTP, { product: /Express|Node/ }),
  php: entry(servers.php, 8000, HTTP, { product: /PHP/, version: /^8\.2/ }),
  webfs: entry(servers.webfs, 8000, HTTP, { product: /webfs/i, version: /^1\.21/ }),
  'mini-httpd': entry(servers.miniHttpd, 80, HTTP, { product: /mini.httpd/i, version: /^1\.30/ }),
  h2o: entry(servers.h2o, 443, HTTP, { product: /h2o/i, version: /^2\.2/ }),
  tinyproxy: entry(servers.tinyproxy, 8888, HTTP, { product: /tinyproxy/i, version: /^1\.11/ }),
  privoxy: entry(servers.privoxy, 8118, HTTP, { product: /Privoxy/ }),
  nginx: entry(web.nginx, 80, HTTP, { product: /nginx/, version: /^1\./ }),
  cups: entry(consoles.cups, 631, HTTP, { product: /CUPS/, version: /^2\.4/ }),
  'syncthing console': entry(consoles.syncthing, 8384, HTTP, { product: /Syncthing/, version: /^1\.19/ }),
  syncthing: entry(consoles.syncthing, 22_000, /syncthing|bep/, { at: 'second', product: /Syncthing/ }),
  transmission: entry(consoles.transmission, 9091, HTTP, { product: /Transmission/ }),
  deluge: entry(consoles.deluge, 58_846, /deluge/, { product: /Deluge/ }),
  icecast: entry(consoles.icecast, 8000, HTTP, { product: /Icecast/, version: /^2\.4/ }),
  'docker registry': entry(consoles.dockerRegistry, 5000, HTTP, { product: /Docker Registry/i }),
  influxdb: entry(consoles.influxdb, 8086, /http|influx/, { product: /InfluxDB/, version: /^1\.6/ }),
  prometheus: entry(consoles.prometheus, 9090, /http|prometheus/, { product: /Prometheus/, version: /^2\.42/ }),
  alertmanager: entry(consoles.alertmanager, 9093, HTTP, { product: /Alertmanager/, version: /^0\.25/ }),
  monit: entry(consoles.monit, 2812, HTTP, { product: /monit/i, version: /^5\.33/ }),
  'node inspector': entry(consoles.nodeInspector, 9229, /http|inspect|websocket/, {
    product: /Node/,
    version: /^v?\d\d\./,
  }),
  ocserv: entry(consoles.ocserv, 443, HTTP, { product: /ocserv|OpenConnect|AnyConnect/i }),
  nats: entry(messaging.nats, 4222, /^nats$/, { product: /NATS/, version: /^2\.9/ }),
  'nats monitor': entry(messaging.nats, 8222, HTTP, { at: 'second', product: /NATS/, version: /^2\.9/ }),
  beanstalkd: entry(messaging.beanstalkd, 11_300, /^beanstalkd?$/, { product: /beanstalkd/, version: /^1\.12/ }),
  gearmand: entry(messaging.gearmand, 4730, /^gearman$/, { product: /[Gg]earman/, version: /^1\.1/ }),
  ngircd: entry(messaging.ngircd, 6667, IRC, { product: /ngircd/i }),
  'ngircd, TLS': entry(messaging.ngircd, 6697, IRC, { at: 'second', product: /ngircd/i }),
  inspircd: entry(messaging.inspircd, 6667, IRC, { product: /InspIRCd/i }),
  bitlbee: entry(messaging.bitlbee, 6667, IRC, { product: /BitlBee/i }),
  prosody: entry(messaging.prosody, 5222, /xmpp|jabber/, { product: /Prosody/ }),
  'prosody s2s': entry(messaging.prosody, 5269, /xmpp|jabber/, { at: 'second', product: /Prosody/ }),
  'prosody http': entry(messaging.prosody, 5280, HTTP, { at: 'third', product: /Prosody/ }),
  activemq: entry(messaging.activemq, 61_616, /openwire|apachemq|activemq/, { product: /ActiveMQ/, version: /^5\.1/ }),
  'activemq STOMP': entry(messaging.activemq, 61_613, /^stomp$/, { at: 'second', product: /ActiveMQ/ }),
  mumble: entry(messaging.murmur, 64_738, /mumble|murmur/, { product: /Mumble|Murmur/, version: /^1\.3/ }),
  quassel: entry(messaging.quassel, 4242, /quassel/, { product: /Quassel/ }),
  spamd: entry(messaging.spamd, 783, /spam(d|assassin)/, { product: /SpamAssassin/ }),
  clamd: entry(messaging.clamd, 3310, /^clam(d|av)?$/, { product: /Clam ?AV/, version: /^1\.4/ }),
  aiosmtpd: entry(messaging.aiosmtpd, 25, /^smtp$/, { product: /aiosmtpd|Python/, version: /^1\.4/ }),
  exim: entry(mail.exim, 25, /^smtp$/, { product: /Exim/, version: /^4\./ }),
  pyftpdlib: entry(messaging.pyftpdlib, 21, /^ftp$/, { product: /pyftpdlib/, version: /^1\.5/ }),
  vsftpd: entry(files.vsftpd, 21, /^ftp$/, { product: /vsFTPd/i, version: /^3\.0/ }),
  'redis, TLS': entry(stores.redisTls, 6379, /^redis$/, { product: /Redis/, version: /^7\./ }),
  'redis, client certificate': entry(stores.redisMutualTls, 6379, /^(tls|ssl)$/),
  redis: entry(databases.redis, 6379, /^redis$/, { product: /Redis/, version: /^7\./ }),
  tarantool: entry(stores.tarantool, 3301, /^tarantool$/, { product: /Tarantool/, version: /^2\.6/ }),
  firebird: entry(stores.firebird, 3050, /firebird|gds/, { product: /Firebird/ }),
  pgbouncer: entry(stores.pgbouncer, 6432, /postgresql|pgbouncer/, { product: /PgBouncer/i }),
  derby: entry(stores.derby, 1527, /drda|derby/, { product: /Derby/, version: /^10\./ }),
  h2: entry(stores.h2, 9092, /^h2$/, { product: /H2/ }),
  'h2, PostgreSQL': entry(stores.h2, 5435, /postgresql|h2/, { at: 'second', product: /H2/ }),
  'h2 console': entry(stores.h2, 8082, HTTP, { at: 'third', product: /H2/ }),
  sphinx: entry(stores.sphinx, 9312, /sphinx/, { product: /Sphinx/ }),
  sphinxql: entry(stores.sphinx, 9306, /mysql|sphinx/, { at: 'second', product: /Sphinx/, version: /^2\.2/ }),
  ovsdb: entry(stores.ovsdb, 6640, /ovsdb/, { product: /Open ?vSwitch|ovsdb/i }),
  tgt: entry(stores.tgt, 3260, /iscsi/),
  nbd: entry(stores.nbd, 10_809, /^nbd$/),
  tomcat: entry(java.tomcat, 8080, HTTP, { product: /Tomcat/, version: /^10\.1/ }),
  'tomcat AJP': entry(java.tomcat, 8009, /^ajp/, { at: 'second', product: /Apache|Tomcat/ }),
  jetty: entry(java.jetty, 8080, HTTP, { product: /Jetty/, version: /^9\.4/ }),
  rmiregistry: entry(java.rmiRegistry, 1099, /rmi/, { product: /Java/ }),
  jdwp: entry(java.jdwp, 8000, /^jdwp$/, { product: /Java/, version: /^17/ }),
  unbound: entry(names.unbound, 53, DNS, { product: /Unbound/i, version: /^1\.17/ }),
  'unbound, TLS': entry(names.unbound, 853, DNS, { at: 'second', product: /Unbound/i, version: /^1\.17/ }),
  nsd: entry(names.nsd, 53, DNS, { product: /NSD/, version: /^4\.6/ }),
  knot: entry(names.knot, 53, DNS, { product: /Knot/, version: /^3\.2/ }),
  powerdns: entry(names.powerdns, 53, DNS, { product: /PowerDNS/, version: /^4\.7/ }),
  bind: entry(network.bind, 53, DNS, { product: /BIND/, version: /^9\./ }),
  krb5kdc: entry(names.krb5kdc, 88, /^kerberos/, { product: /MIT/ }),
  coturn: entry(names.coturn, 3478, /stun|turn/, { product: /[Cc]oturn/, version: /^4\.6/ }),
  dropbear: entry(tunnels.dropbear, 22, /^ssh$/, { product: /dropbear/i, version: /^2022/ }),
  'dropbear behind TLS': entry(tunnels.stunnelSsh, 443, /^ssh$/, { product: /dropbear/i, version: /^2022/ }),
  openvpn: entry(tunnels.openvpn, 1194, /^openvpn$/, { product: /OpenVPN/ }),
  tor: entry(tunnels.tor, 9050, /tor|socks/, { product: /Tor/ }),
  'tor control': entry(tunnels.tor, 9051, /tor/, { at: 'second', product: /Tor/, version: /^0\.4/ }),
  dante: entry(tunnels.dante, 1080, /^socks5?$/),
  iperf3: entry(tunnels.iperf3, 5201, /^iperf3?$/, { product: /iperf/ }),
  debugpy: entry(tunnels.debugpy, 5678, /debugpy|dap/, { product: /debugpy/ }),
  mpd: entry(tunnels.mpd, 6600, /^mpd$/, { product: /Music Player Daemon|MPD/, version: /^0\.23/ }),
  pulseaudio: entry(tunnels.pulseaudio, 4713, /pulseaudio/, { product: /PulseAudio/ }),
  usbip: entry(tunnels.usbip, 3240, /usbip/),
  munin: entry(agents.munin, 4949, /^munin$/, { product: /Munin/i, version: /^2\.0/ }),
  'zabbix agent': entry(agents.zabbixAgent, 10_050, /zabbix/, { product: /Zabbix/, version: /^6\.0/ }),
  nrpe: entry(agents.nrpe, 5666, /nrpe/, { product: /NRPE/i, version: /^4\./ }),
  nut: entry(agents.upsd, 3493, /nut|upsd/, { product: /Network UPS Tools/, version: /^2\.8/ }),
  bacula: entry(agents.bacula, 9102, /bacula/, { product: /Bacula/ }),
  dictd: entry(agents.dictd, 2628, /^dict$/, { product: /dictd/, version: /^1\.13/ }),
  echo: entry(agents.inetd, 7, /^echo$/),
  daytime: entry(agents.inetd, 13, /^daytime$/, { at: 'second' }),
  time: entry(agents.inetd, 37, /^time$/, { at: 'third' }),
  chargen: entry(agents.chargen, 19, /^chargen$/),
  ident: entry(agents.oidentd, 113, /ident|auth/),
  epmd: entry(agents.epmd, 4369, /epmd/),
  mosquitto: entry(brokers.mosquitto, 1883, /^(mqtt|mosquitto)/),
  'mosquitto, TLS': entry(brokers.mosquittoTls, 8883, /^(mqtt|mosquitto)/),
  memcached: entry(databases.memcached, 11_211, /^memcached?$/, { product: /[Mm]emcached/, version: /^1\./ }),
  postgresql: entry(databases.postgresql, 5432, /^postgresql$/, { product: /PostgreSQL/ }),
  mariadb: entry(databases.mariadb, 3306, /^mysql$/, { product: /MariaDB/, version: /^10\./ }),
  openssh: entry(files.openssh, 22, /^ssh$/, { product: /OpenSSH/, version: /^9\.2/ }),
  slapd: entry(network.slapd, 389, /^ldap$/, { product: /OpenLDAP/ }),
  xrdp: entry(files.xrdp, 3389, /^(rdp|ms-wbt-server)$/),
  tigervnc: entry(files.xvnc, 5900, /^vnc$/),
  rsync: entry(files.rsync, 873, /^rsync$/),
  telnetd: entry(files.telnetd, 23, /^telnet$/),
  git: entry(files.gitDaemon, 9418, /^git$/),
  samba: entry(files.samba, 445, /^(smb|microsoft-ds|netbios-ssn)$/),
  xvfb: entry(files.xvfb, 6000, /^x11$/i, { product: /X\.Org/ }),
  imap: entry(mail.imap, 143, /^imap$/, { product: /Dovecot/ }),
  'imap, TLS': entry(mail.imaps, 993, /^imaps?$/, { product: /Dovecot/ }),
  pop3: entry(mail.pop3, 110, /^pop3$/, { product: /Dovecot/ }),
  kamailio: entry(network.kamailio, 5060, /^sip$/, { product: /[Kk]amailio/, version: /^5\./ }),
  dnsmasq: entry(network.dnsmasq, 53, DNS, { product: /dnsmasq/, version: /^2\./ }),
  microsocks: entry(network.microsocks, 1080, /^socks5?$/),
  rabbitmq: entry(brokers.rabbitmq, 5672, /^amqp$/, { product: /RabbitMQ/, version: /^3\./ }),
  etcd: entry(databases.etcd, 2379, /^(etcd|http)$/, { product: /etcd/, version: /^3\./ }),
  zookeeper: entry(databases.zookeeper, 2181, /^zookeeper$/, { product: /[Zz]oo[Kk]eeper/, version: /^3\./ }),
  'node exporter': entry(web.nodeExporter, 9100, /prometheus|http/, { product: /Node Exporter/ }),
  'websockets, Python': entry(web.websockets, 8080, /^(websocket|http)$/),
  grpcio: entry(web.grpcio, 50_051, /^(grpc|http2)$/),
  'HTTP/2 of Node': entry(web.nodeHttp2, 8080, /^(http2|http)$/),
  waitress: entry(further.waitress, 8080, HTTP, { product: /waitress/ }),
  cheroot: entry(further.cheroot, 8080, HTTP, { product: /Cheroot/, version: /^\d/ }),
  aiohttp: entry(further.aiohttp, 8080, HTTP, { product: /aiohttp/, version: /^3\./ }),
  'twisted web': entry(further.twistedWeb, 8080, HTTP, { product: /Twisted/, version: /^22\./ }),
  'twisted FTP': entry(further.twistedFtp, 21, /^ftp$/, { product: /Twisted/, version: /^22\./ }),
  'twisted POP3': entry(further.twistedMail, 110, /^pop3$/),
  'twisted SMTP': entry(further.twistedMail, 25, /^smtp$/, { at: 'second', product: /Twisted/ }),
  webrick: entry(further.webrick, 8000, HTTP, { product: /WEBrick/, version: /^1\./ }),
  asyncssh: entry(further.asyncssh, 22, /^ssh$/, { product: /AsyncSSH/, version: /^2\./ }),
  'redis sentinel': entry(further.sentinel, 26_379, /^redis$/, { product: /Redis/, version: /^7\./ }),
  twemproxy: entry(further.twemproxy, 22_222, /^twemproxy/, { at: 'second', product: /twemproxy/, version: /^0\./ }),
  'powerdns recursor': entry(further.recursor, 53, DNS, { product: /PowerDNS/, version: /^4\.8/ }),
  gdnsd: entry(further.gdnsd, 53, DNS, { product: /gdnsd/, version: /^3/ }),
  managesieve: entry(further.pigeonhole, 4190, /^sieve$/, { product: /Dovecot/ }),
  lmtp: entry(further.pigeonhole, 24, /^lmtp$/, { at: 'second' }),
  uhub: entry(further.uhub, 1511, /^adc$/, { product: /uhub/, version: /^0\./ }),
  radicale: entry(further.radicale, 5232, HTTP, { product: /Radicale/ }),
  lcdproc: entry(further.lcdproc, 13_666, /^lcdproc$/, { product: /LCDproc/, version: /^0\.5/ }),
  mercurial: entry(further.mercurial, 8000, HTTP, { product: /Mercurial/ }),
  svnserve: entry(further.svnserve, 3690, /^svn$/, { product: /svnserve/ }),
  pushgateway: entry(further.pushgateway, 9091, HTTP, { product: /Pushgateway/, version: /^1\./ }),
  gpsd: entry(further.gpsd, 2947, /^gpsd$/, { product: /gpsd/, version: /^3\./ }),
  fingerd: entry(unix.fingerd, 79, /^finger$/),
  cvs: entry(unix.cvs, 2401, /^cvspserver$/, { product: /CVS/ }),
  saned: entry(unix.saned, 6566, /^sane-port$/),
  gophernicus: entry(unix.gophernicus, 70, /^gopher$/, { product: /Gophernicus/, version: /^3\./ }),
  sn: entry(unix.sn, 119, /^nntp$/, { product: /^sn$/, version: /^0\.3/ }),
  ganesha: entry(unix.ganesha, 2049, /^nfs$/),
  'nginx RTMP': entry(unix.nginxRtmp, 1935, /^rtmp$/),
  'samba, NetBIOS': entry(files.samba, 139, /^(netbios-ssn|smb)$/),
  pymodbus: entry(registries.pymodbus, 502, /^modbus$/, { product: /Pymodbus/, version: /^3\./ }),
  asyncua: entry(registries.asyncua, 4840, /^opcua$/),
  cpppo: entry(registries.cpppo, 44_818, /^ethernet-ip$/i),
  snap7: entry(registries.snap7, 102, /^iso-tsap$/),
  impacket: entry(registries.impacketRpc, 135, /^msrpc$/),
  'minecraft-protocol': entry(registries.minecraft, 25_565, /^minecraft$/, { version: /^1\.20/ }),
  hazelcast: entry(registries.hazelcast, 5701, /^hazelcast$/, { product: /Hazelcast/ }),
  icecc: entry(clusters.icecc, 8766, /^icecc-scheduler$/, { product: /Icecream/, version: /^1\./ }),
  gmond: entry(clusters.gmond, 8649, /^ganglia$/, { product: /Ganglia/, version: /^3\./ }),
  shellinabox: entry(clusters.shellinabox, 4200, HTTP, { product: /Shell In A Box/ }),
  'apt-cacher-ng': entry(clusters.aptCacherNg, 3142, HTTP, { product: /Apt-Cacher NG/ }),
  pyro: entry(registries.pyro, 9090, /^pyro$/, { product: /Pyro/ }),
  dask: entry(registries.dask, 8786, /^dask$/, { product: /Dask/ }),
  supervisor: entry(registries.supervisor, 9001, HTTP, { product: /Supervisor/ }),
  pypiserver: entry(registries.pypiserver, 8080, HTTP, { product: /pypiserver/ }),
  zeromq: entry(further.zeromq, 5555, /^zmtp$/, { product: /ZeroMQ/ }),
};

/** The port of that entry in the place where its server runs. */
export const portOf = ({ at }: Rostered, place: Place): Place['port'] => place[at];
