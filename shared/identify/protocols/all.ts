import { latin1 } from '../../domain/bytes.ts';
import type { PortNumber } from '../../domain/units.ts';
import { amqp } from './amqp.ts';
import { cassandra } from './cassandra.ts';
import { dns } from './dns.ts';
import { docker } from './docker.ts';
import { elasticsearch } from './elasticsearch.ts';
import { etcd } from './etcd.ts';
import { ftp } from './ftp.ts';
import { git } from './git.ts';
import { grpc } from './grpc.ts';
import { http } from './http.ts';
import { http2 } from './http2.ts';
import { imap } from './imap.ts';
import { kafka } from './kafka.ts';
import type { Match, Matcher } from './kit/matcher.ts';
import { kubernetes } from './kubernetes.ts';
import { ldap } from './ldap.ts';
import { memcached } from './memcached.ts';
import { mongodb } from './mongodb.ts';
import { mqtt } from './mqtt.ts';
import { mssql } from './mssql.ts';
import { mysql } from './mysql.ts';
import { oracleTns } from './oracle-tns.ts';
import { pop3 } from './pop3.ts';
import { postgresql } from './postgresql.ts';
import { prometheus } from './prometheus.ts';
import { rdp } from './rdp.ts';
import { redis } from './redis.ts';
import { rsync } from './rsync.ts';
import { rtsp } from './rtsp.ts';
import { sip } from './sip.ts';
import { smb } from './smb.ts';
import { smtp } from './smtp.ts';
import { socks } from './socks.ts';
import { ssh } from './ssh.ts';
import { telnet } from './telnet.ts';
import { tls } from './tls.ts';
import { vnc } from './vnc.ts';
import { websocket } from './websocket.ts';
import { x11 } from './x11.ts';
import { zookeeper } from './zookeeper.ts';

/**
 * Every matcher, the particular before the general: of two that are equally sure, the first is believed. What speaks
 * HTTP and is more than a web server stands before `http`.
 */
export const MATCHERS: readonly Matcher[] = [
  ssh,
  smtp,
  ftp,
  imap,
  pop3,
  telnet,
  mysql,
  postgresql,
  redis,
  mongodb,
  memcached,
  elasticsearch,
  docker,
  kubernetes,
  etcd,
  prometheus,
  websocket,
  http,
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
  tls,
];

/**
 * What to ask of a port that is usual for nothing, and in which order: most of what listens is a web server or speaks
 * TLS, and an HTTP request makes MongoDB, AMQP, Cassandra and RTSP give themselves away, as Redis's question does with
 * memcached. The rest are those that hang up on it without a word.
 */
export const ASKED_ANYWHERE: readonly Matcher[] = [
  redis,
  postgresql,
  ldap,
  smb,
  rdp,
  mqtt,
  kafka,
  zookeeper,
  mssql,
  oracleTns,
  grpc,
  socks,
  x11,
  git,
  dns,
  sip,
];

/** What all matchers together make of an answer: the surest match, and where to ask on if any of them knows. */
export interface BestMatch {
  readonly best: Match;
  readonly next: Match['next'];
}

/**
 * Lets every matcher look. Of those that are equally sure, one that is usual on the port is believed, and then the
 * first of the table.
 */
export function matchAnswer(bytes: Uint8Array, asked: string | null, port: PortNumber): BestMatch | null {
  const heard = { bytes, text: latin1(bytes), asked };
  const found = MATCHERS.flatMap((matcher) => {
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
