import { bigEndian, bytesOfHex, bytesOfLatin1, concatBytes } from '../../domain/bytes.ts';
import { type Matcher, SURE } from './kit/matcher.ts';

const TEXT = '(CONNECT_DATA=(COMMAND=version))';
const HEADER_SIZE = 58;
const LENGTH = HEADER_SIZE + TEXT.length;

const hex16 = (value: number): string => value.toString(16).padStart(4, '0');

/**
 * A CONNECT packet: length, checksum, type 1; then version 310 compatible with 300, units of 2,048 and 32,767 bytes,
 * and where in the packet the connect data lie.
 */
const CONNECT = bytesOfHex(
  `${hex16(LENGTH)} 0000 01 00 0000 0136 012c 0000 0800 7fff 7f08 0000 0001 ${hex16(TEXT.length)} ${hex16(HEADER_SIZE)}` +
    ` 00000200 00 00 ${'00'.repeat(HEADER_SIZE - 34)}`,
);

const PACKET_TYPES: Readonly<Record<number, string>> = { 2: 'accept', 4: 'refuse', 5: 'redirect', 11: 'resend' };

/** VSNNUM holds a version in nibbles and bytes: 0x13000000 is 19.0.0.0.0. */
const versionOf = (number: number): string =>
  [number >>> 24, (number >>> 20) & 15, (number >>> 12) & 255, (number >>> 8) & 15, number & 255].join('.');

export const oracleTns: Matcher = {
  name: 'oracle-tns',
  source: 'Oracle Net Services reference, the listener\'s "version" command; Wireshark\'s description of TNS',
  ports: [1521, 1522, 1525, 1526],
  tlsPorts: [2484],
  question: { name: 'oracle-tns', bytes: () => concatBytes(CONNECT, bytesOfLatin1(TEXT)) },
  match({ bytes, text, asked }) {
    const kind = PACKET_TYPES[bigEndian(bytes, 4, 1) ?? 0];
    if (asked !== 'oracle-tns' || kind === undefined || bigEndian(bytes, 2, 2) !== 0) return null;
    const length = bigEndian(bytes, 0, 2) ?? 0;
    if (length < 8 || length > 4_096) return null;
    const written = /\bTNSLSNR for ([^:]{1,40}): Version (\d[\d.]*)/.exec(text);
    const number = /\(VSNNUM=(\d{6,10})\)/.exec(text)?.[1];
    const version = written?.[2] ?? (number === undefined ? undefined : versionOf(Number(number)));
    return { name: 'oracle-tns', product: 'Oracle TNS listener', version, info: written?.[1], confidence: SURE };
  },
};
