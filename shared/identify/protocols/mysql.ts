import { bigEndian, littleEndian } from '../../domain/bytes.ts';
import { type Match, type Matcher, SURE } from './kit/matcher.ts';

/**
 * A packet is three bytes of length, least significant first, and a sequence number, which is 0 at the start. The
 * greeting is version 10 of the handshake and then the server's version as a string that ends with NUL.
 */
const GREETING = /^[\s\S]{3}\x00\x0a([\x20-\x7e]{1,120})\x00/;

/** An error instead: 0xff, a number of two bytes, and words ("Host '…' is not allowed to connect to this MariaDB server"). */
const ERROR = /^[\s\S]{3}\x00\xff[\s\S]{2}([\x20-\x7e]{1,300})/;

/** "Packets out of order" apart, a greeting and an error fit into one packet of this size. */
const LONGEST = 512;

export const mysql: Matcher = {
  name: 'mysql',
  source: 'MySQL client/server protocol, HandshakeV10 and ERR_Packet; TLS: SSLRequest',
  ports: [3306, 3307],
  tlsPorts: [],
  question: null,
  // Capabilities PROTOCOL_41, SSL and SECURE_CONNECTION, packets of 16 MB, utf8mb4, 23 zeros; nothing is answered.
  startTls: [
    { say: null, ready: /^[\s\S]{3}\x00\x0a/ },
    { say: `\x20\0\0\x01\0\x8a\0\0\0\0\0\x01\x2d${'\0'.repeat(23)}`, ready: null },
  ],
  match({ bytes, text, asked }) {
    const length = littleEndian(bytes, 0, 3) ?? 0;
    if (asked !== null || length > LONGEST || bigEndian(bytes, 3, 1) !== 0) return null;
    const version = GREETING.exec(text)?.[1];
    if (version !== undefined) return greeted(version, text);
    const words = ERROR.exec(text)?.[1];
    if (words === undefined) return null;
    return { name: 'mysql', product: /MariaDB/.exec(words)?.[0], info: words, confidence: SURE };
  },
};

/**
 * Who speaks the protocol and is no MySQL, by the version that it gives. What is left is MySQL only if it looks like one
 * of MySQL's versions, and not like those that proxies and imitations give by default.
 */
const PRODUCTS: readonly (readonly [product: string, version: RegExp])[] = [
  // MariaDB writes "5.5.5-" before its own version, so that old replicas of MySQL take it for one of theirs.
  ['MariaDB', /^(?:5\.5\.5-)?(\d[\w.]*)-MariaDB(?:-(.*))?$/],
  ['Sphinx Search', /^([0-3]\.\d[\w.]*)-(?:id64-)?\w+ \([0-9a-f]{7,}\)/],
  ['Manticore Search', /^(\d[\w.]*) [0-9a-f]{7,12}@\d{6}/],
  ['TiDB', /^\d[\w.]*-TiDB-v?(\d[\w.]*)/],
  ['Dolt', /^(\d[\w.]*)-[Dd]olt/],
  ['Vitess', /^(\d[\w.]*)-[Vv]itess/],
  ['GreptimeDB', /^\d[\w.]*-greptimedb-?(\d[\w.]*)?/i],
  ['ClickHouse', /^(\d[\w.]*)-ClickHouse/],
  ['OceanBase', /^\d[\w.]*-OceanBase-v?(\d[\w.]*)/i],
  ['Percona Server', /^([5-9]\.\d+\.\d+-\d+(?:\.\d+)?)(?:-log)?$/],
  [
    'MySQL',
    /^((?:[4-8]\.\d{1,2}|9\.\d)\.\d{1,2}\w{0,3})(?:-(?:log|debug|\d?ubuntu\S*|\d+\+deb\S*|commercial|enterprise-commercial\S*|community\S*|cluster\S*|azure|google|rds\S*|nt))*$/,
  ],
];

/** Defaults of ProxySQL (5.5.30, 8.0.11), StarRocks (5.1.0) and Doris (5.7.99), with the oldest way to log in. */
const IMITATED = /^(?:5\.5\.30|8\.0\.11|5\.1\.0|5\.7\.99)$/;

function greeted(version: string, text: string): Match {
  const isImitated = IMITATED.test(version) && !/caching_sha2_password/.test(text);
  for (const [product, pattern] of isImitated ? [] : PRODUCTS) {
    const found = pattern.exec(version);
    if (found !== null) return { name: 'mysql', product, version: found[1], info: found[2], confidence: SURE };
  }
  return { name: 'mysql', info: `version ${version}`, confidence: SURE };
}
