import { bigEndian, bytesOfHex } from '../../domain/bytes.ts';
import { u8 } from './kit/bytes.ts';
import { type DatagramMatcher, type Matcher, SURE } from './kit/matcher.ts';
import type { Payload } from './kit/payload.ts';

const HEADER_SIZE = 8;
const TABULAR_RESULT = 4;

/** What the product calls the major number of its version. */
const RELEASES: Readonly<Record<number, string>> = {
  9: '2005',
  10: '2008',
  11: '2012',
  12: '2014',
  13: '2016',
  14: '2017',
  15: '2019',
  16: '2022',
  17: '2025',
};

export const mssql: Matcher = {
  name: 'mssql',
  source: 'MS-TDS, section 2.2.6.5 (PRELOGIN)',
  ports: [1433],
  tlsPorts: [],
  // Type PRELOGIN, last packet, 26 bytes: options VERSION (at 11, 6 bytes) and ENCRYPTION (at 17, 1 byte: supported).
  question: {
    name: 'mssql',
    bytes: () => bytesOfHex('12 01 00 1a 00 00 01 00  00 00 0b 00 06  01 00 11 00 01  ff  09 00 00 00 00 00  00'),
  },
  match({ bytes, asked }) {
    if (asked !== 'mssql' || bigEndian(bytes, 0, 1) !== TABULAR_RESULT) return null;
    // The answer begins with VERSION, as the question did; its place is counted from the end of the header.
    if (bigEndian(bytes, HEADER_SIZE, 1) !== 0 || bigEndian(bytes, HEADER_SIZE + 3, 2) !== 6) return null;
    const at = HEADER_SIZE + (bigEndian(bytes, HEADER_SIZE + 1, 2) ?? 0);
    const [major, minor, build] = [bigEndian(bytes, at, 1), bigEndian(bytes, at + 1, 1), bigEndian(bytes, at + 2, 2)];
    if (major === undefined || minor === undefined || build === undefined) return null;
    const version = `${major}.${minor}.${build}`;
    const info = RELEASES[major];
    return { name: 'mssql', product: 'Microsoft SQL Server', version, info, confidence: SURE };
  },
};

const CLNT_UCAST_EX = 3;

export const mssqlBrowserPayload: Payload = {
  protocol: 'MS-SQL browser',
  ports: [1434],
  source: 'MC-SQLR section 2.2.2',
  asks: 'the instances of this host',
  bytes: u8(CLNT_UCAST_EX),
};

/** `ServerName;HOST;InstanceName;SQLEXPRESS;IsClustered;No;Version;15.0.2000.5;tcp;1433;;` behind 05 and a length. */
export const mssqlBrowserAnswer: DatagramMatcher = {
  name: 'ms-sql-m',
  ports: [1434],
  match({ text }) {
    if (!/^\x05[\s\S]{2}ServerName;/.test(text)) return null;
    const member = (name: string): string | undefined => new RegExp(`;?${name};([^;]{1,60});`).exec(text)?.[1];
    const info = `instance ${member('InstanceName')}; tcp ${member('tcp') ?? 'none'}`;
    const [hostname, version] = ['ServerName', 'Version'].map(member);
    return { name: 'ms-sql-m', product: 'Microsoft SQL Server', version, hostname, info, confidence: SURE };
  },
};
