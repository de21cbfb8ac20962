import { latin1 } from '../../domain/bytes.ts';
import type { PortNumber } from '../../domain/units.ts';
import { adb } from './adb.ts';
import { adc } from './adc.ts';
import { afp } from './afp.ts';
import { ajp } from './ajp.ts';
import { amqp } from './amqp.ts';
import { apcupsd } from './apcupsd.ts';
import { asterisk } from './asterisk.ts';
import { bacnetAnswer } from './bacnet.ts';
import { bacula } from './bacula.ts';
import { beanstalkd } from './beanstalkd.ts';
import { bitcoin } from './bitcoin.ts';
import { bolt } from './bolt.ts';
import { cassandra } from './cassandra.ts';
import { ceph } from './ceph.ts';
import { chargen } from './chargen.ts';
import { clamd } from './clamd.ts';
import { coapAnswer } from './coap.ts';
import { cvs } from './cvs.ts';
import { dask } from './dask.ts';
import { daytime } from './daytime.ts';
import { debugpy } from './debugpy.ts';
import { dict } from './dict.ts';
import { dns, dnsAnswer } from './dns.ts';
import { docker } from './docker.ts';
import { drda } from './drda.ts';
import { dtlsAnswer } from './dtls.ts';
import { echo } from './echo.ts';
import { elasticsearch } from './elasticsearch.ts';
import { elasticsearchTransport } from './elasticsearch-transport.ts';
import { epmd } from './epmd.ts';
import { etcd } from './etcd.ts';
import { ethernetIp, ethernetIpAnswer } from './ethernet-ip.ts';
import { finger } from './finger.ts';
import { firebird } from './firebird.ts';
import { fox } from './fox.ts';
import { freeswitch } from './freeswitch.ts';
import { ftp } from './ftp.ts';
import { ganglia } from './ganglia.ts';
import { gearman } from './gearman.ts';
import { git } from './git.ts';
import { gkrellm } from './gkrellm.ts';
import { gopher } from './gopher.ts';
import { gpsd } from './gpsd.ts';
import { grpc } from './grpc.ts';
import { h2 } from './h2.ts';
import { hazelcast } from './hazelcast.ts';
import { http } from './http.ts';
import { http2 } from './http2.ts';
import { ica } from './ica.ts';
import { icecc } from './icecc.ts';
import { ident } from './ident.ts';
import { ikeAnswer } from './ike.ts';
import { imap } from './imap.ts';
import { iperf3 } from './iperf3.ts';
import { irc } from './irc.ts';
import { iscsi } from './iscsi.ts';
import { javaRmi } from './java-rmi.ts';
import { jdwp } from './jdwp.ts';
import { jsonRpc } from './json-rpc.ts';
import { kafka } from './kafka.ts';
import { kerberos, kerberosAnswer } from './kerberos.ts';
import { type DatagramMatcher, type Heard, LIKELY, type Match, type Matcher } from './kit/matcher.ts';
import { kubernetes } from './kubernetes.ts';
import { l2tpAnswer } from './l2tp.ts';
import { lcdproc } from './lcdproc.ts';
import { cldapAnswer, ldap } from './ldap.ts';
import { lmtp } from './lmtp.ts';
import { lpd } from './lpd.ts';
import { managesieve } from './managesieve.ts';
import { mdnsAnswer } from './mdns.ts';
import { memcached, memcachedAnswer } from './memcached.ts';
import { minecraft } from './minecraft.ts';
import { modbus } from './modbus.ts';
import { mongodb } from './mongodb.ts';
import { mpd } from './mpd.ts';
import { mqtt } from './mqtt.ts';
import { msrpc } from './msrpc.ts';
import { mssql, mssqlBrowserAnswer } from './mssql.ts';
import { mumble, mumbleAnswer } from './mumble.ts';
import { munin } from './munin.ts';
import { mysql } from './mysql.ts';
import { mysqlx } from './mysqlx.ts';
import { nats } from './nats.ts';
import { nbd } from './nbd.ts';
import { netbiosAnswer } from './netbios.ts';
import { netbiosSsn } from './netbios-ssn.ts';
import { nfs, nfsAnswer } from './nfs.ts';
import { nntp } from './nntp.ts';
import { nrpe } from './nrpe.ts';
import { nsq } from './nsq.ts';
import { ntpAnswer } from './ntp.ts';
import { nut } from './nut.ts';
import { opcua } from './opcua.ts';
import { openvpn, openvpnAnswer } from './openvpn.ts';
import { openwire } from './openwire.ts';
import { oracleTns } from './oracle-tns.ts';
import { ovsdb } from './ovsdb.ts';
import { pop3 } from './pop3.ts';
import { postgresql } from './postgresql.ts';
import { prometheus } from './prometheus.ts';
import { pulseaudio } from './pulseaudio.ts';
import { pyro } from './pyro.ts';
import { quassel } from './quassel.ts';
import { quicAnswer } from './quic.ts';
import { rdp } from './rdp.ts';
import { redis } from './redis.ts';
import { rethinkdb } from './rethinkdb.ts';
import { rmcpAnswer } from './rmcp.ts';
import { rpcbind, rpcbindAnswer } from './rpcbind.ts';
import { rsync } from './rsync.ts';
import { rtmp } from './rtmp.ts';
import { rtsp } from './rtsp.ts';
import { s7 } from './s7.ts';
import { sane } from './sane.ts';
import { sip, sipAnswer } from './sip.ts';
import { smb } from './smb.ts';
import { smtp } from './smtp.ts';
import { snmpAnswer } from './snmp.ts';
import { socks } from './socks.ts';
import { spamd } from './spamd.ts';
import { sphinx } from './sphinx.ts';
import { ssdpAnswer } from './ssdp.ts';
import { ssh } from './ssh.ts';
import { stomp } from './stomp.ts';
import { stun, stunAnswer } from './stun.ts';
import { svn } from './svn.ts';
import { synergy } from './synergy.ts';
import { tarantool } from './tarantool.ts';
import { teamspeak } from './teamspeak.ts';
import { telnet } from './telnet.ts';
import { tftpAnswer } from './tftp.ts';
import { time } from './time.ts';
import { tls } from './tls.ts';
import { torControl, torSocks } from './tor.ts';
import { twemproxy } from './twemproxy.ts';
import { usbip } from './usbip.ts';
import { varnishCli } from './varnish-cli.ts';
import { vnc } from './vnc.ts';
import { weblogicT3 } from './weblogic-t3.ts';
import { websocket } from './websocket.ts';
import { whois } from './whois.ts';
import { x11 } from './x11.ts';
import { xdmcpAnswer } from './xdmcp.ts';
import { xmpp } from './xmpp.ts';
import { zabbixAgent } from './zabbix-agent.ts';
import { zeromq } from './zeromq.ts';
import { zookeeper } from './zookeeper.ts';

/**
 * Every matcher, the particular before the general: of two that are equally sure, the first is believed. What speaks
 * HTTP and is more than a web server stands before `http`.
 */
export const MATCHERS: readonly Matcher[] = [
  ssh,
  smtp,
  lmtp,
  ftp,
  imap,
  pop3,
  nntp,
  managesieve,
  telnet,
  mysql,
  mysqlx,
  postgresql,
  redis,
  mongodb,
  memcached,
  elasticsearch,
  elasticsearchTransport,
  docker,
  kubernetes,
  etcd,
  prometheus,
  websocket,
  torSocks,
  torControl,
  http,
  adb,
  adc,
  afp,
  ajp,
  apcupsd,
  asterisk,
  bacula,
  beanstalkd,
  bitcoin,
  bolt,
  ceph,
  chargen,
  clamd,
  cvs,
  dask,
  daytime,
  debugpy,
  dict,
  drda,
  epmd,
  ethernetIp,
  finger,
  firebird,
  fox,
  freeswitch,
  ganglia,
  gearman,
  gkrellm,
  gopher,
  gpsd,
  h2,
  hazelcast,
  ica,
  icecc,
  ident,
  iperf3,
  irc,
  iscsi,
  javaRmi,
  jdwp,
  kerberos,
  lcdproc,
  lpd,
  minecraft,
  modbus,
  mpd,
  msrpc,
  mumble,
  munin,
  nats,
  nbd,
  netbiosSsn,
  nfs,
  nrpe,
  nsq,
  nut,
  opcua,
  openvpn,
  openwire,
  ovsdb,
  pulseaudio,
  pyro,
  quassel,
  rethinkdb,
  rpcbind,
  rtmp,
  s7,
  sane,
  spamd,
  sphinx,
  stomp,
  stun,
  svn,
  synergy,
  tarantool,
  teamspeak,
  time,
  twemproxy,
  usbip,
  varnishCli,
  weblogicT3,
  whois,
  xmpp,
  zabbixAgent,
  zeromq,
  grpc,
  http2,
  amqp,
  mqtt,
  kafka,
  zookeeper,
  cassandra,
  mssql,
  oracleTns,
  ldap,
  smb,
  rdp,
  vnc,
  x11,
  rtsp,
  sip,
  dns,
  rsync,
  git,
  socks,
  jsonRpc,
  echo,
  tls,
];

/** Every matcher of what UDP answers. */
export const DATAGRAM_MATCHERS: readonly DatagramMatcher[] = [
  bacnetAnswer,
  coapAnswer,
  dnsAnswer,
  dtlsAnswer,
  ethernetIpAnswer,
  ikeAnswer,
  kerberosAnswer,
  l2tpAnswer,
  cldapAnswer,
  mdnsAnswer,
  memcachedAnswer,
  mssqlBrowserAnswer,
  mumbleAnswer,
  netbiosAnswer,
  nfsAnswer,
  ntpAnswer,
  openvpnAnswer,
  quicAnswer,
  rmcpAnswer,
  rpcbindAnswer,
  sipAnswer,
  snmpAnswer,
  ssdpAnswer,
  stunAnswer,
  tftpAnswer,
  xdmcpAnswer,
];

/**
 * How a service took an HTTP request that it did not understand: it answered in words of its own, it waits for more, it
 * waited for a moment and closed the connection, it closed it at once when it had read the request, or it reset it because
 * it had not read all of it.
 */
export type Reaction = 'answers' | 'waits' | 'tires' | 'closes' | 'resets';

/**
 * What to ask next of a port that is usual for nothing. Most of what listens is a web server or speaks TLS, and an HTTP
 * request makes dozens of others give themselves away; of the rest, those whose servers take an HTTP request in the same
 * way, what gives away most to whoever reaches it first, and then what is seen most. No more than six: a port gets eight
 * connections. All others are asked on their usual ports.
 */
export const ASKED_ANYWHERE: Readonly<Record<Reaction, readonly Matcher[]>> = {
  answers: [redis, stomp],
  waits: [dns, postgresql, stomp, debugpy, opcua, modbus],
  // Knot DNS closes after half a second; or a busy machine has closed at once, as it were.
  tires: [dns, redis, postgresql, socks, javaRmi, ldap],
  closes: [redis, postgresql, socks, javaRmi, ldap, grpc],
  resets: [jdwp, mqtt, rpcbind, msrpc, smb, stun],
};

/** The same under TLS, which hides how much the server has read. */
export const ASKED_INSIDE_TLS: Readonly<Record<Reaction, readonly Matcher[]>> = {
  answers: [redis, mqtt],
  waits: [dns, mqtt, postgresql, stomp, redis],
  tires: [dns, redis, mqtt, ldap, nrpe],
  closes: [redis, mqtt, ldap, nrpe, javaRmi],
  resets: [redis, mqtt, ldap, nrpe, javaRmi],
};

/** What all matchers together make of an answer: the surest match, and where to ask on if any of them knows. */
export interface BestMatch {
  readonly best: Match;
  readonly next: Match['next'];
}

/**
 * Lets every matcher look. Of those that are equally sure, one that is usual on the port is believed, and then the first of
 * the table. A service that greets as three at once is none of them.
 */
export function matchAnswer(heard: Heard, port: PortNumber): BestMatch | null {
  if (heard.asked === null && isMedley(heard)) return null;
  const found = (isEcho(heard) ? [echo] : MATCHERS).flatMap((matcher) => {
    const match = matcher.match(heard);
    return match === null ? [] : [{ match, usual: isUsual(matcher, port) }];
  });
  // Sorting is stable: the order of the table stays among equals.
  found.sort((a, b) => b.match.confidence - a.match.confidence || Number(b.usual) - Number(a.usual));
  const [best] = found;
  if (best === undefined) return null;
  return { best: best.match, next: found.find(({ match }) => match.next)?.match.next };
}

const isUsual = ({ ports, tlsPorts }: Matcher, port: PortNumber): boolean =>
  ports.includes(port) || tlsPorts.includes(port);

/**
 * A question that came back whole is no answer. Shorter ones are repeated by servers that acknowledge them (Hazelcast), and
 * nginx repeats RTMP's handshake, with a second part behind it.
 */
const isEcho = ({ text, sent, asked }: Heard): boolean =>
  sent.length > 3 && text.startsWith(sent) && !(asked === rtmp.question?.name && text.length > sent.length);

/** Lines of a greeting that are looked at one by one, and the services that they may be taken for. */
const MOST_LINES = 12;
const MOST_NAMES = 2;

/** Whether the lines of a greeting, each taken for itself, are those of several services: bait. */
function isMedley(heard: Heard): boolean {
  const lines = heard.text.split('\n', MOST_LINES).filter((line) => line.length > 3);
  if (lines.length <= MOST_NAMES) return false;
  const names = lines.map((line) => {
    const alone = { ...heard, text: `${line}\n`, bytes: Uint8Array.from(`${line}\n`, (each) => each.charCodeAt(0)) };
    return MATCHERS.map((matcher) => matcher.match(alone)).find((match) => match !== null && match.confidence >= LIKELY)
      ?.name;
  });
  return new Set(names.filter((name) => name !== undefined)).size > MOST_NAMES;
}

/** The match of what a UDP port answered; a matcher whose payload was sent there is believed first. */
export function matchDatagram(bytes: Uint8Array, port: PortNumber): Match | null {
  const answer = { bytes, text: latin1(bytes) };
  const asked = DATAGRAM_MATCHERS.filter(({ ports }) => ports.includes(port));
  for (const matcher of [...asked, ...DATAGRAM_MATCHERS]) {
    const match = matcher.match(answer);
    if (match !== null) return match;
  }
  return null;
}
