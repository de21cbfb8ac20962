import { bytesOfLatin1, concatBytes } from '../../domain/bytes.ts';
import { type Matcher, SURE } from './kit/matcher.ts';

/** CRC-32 (ISO 3309), bit by bit: it is needed once. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** A packet of version 2, which every server takes: the command has 1,024 bytes, and two of padding follow. */
const LENGTH = 1_036;

/** A query for `_NRPE_CHECK`, the command that every server has and that runs nothing. */
function query(): Uint8Array {
  const command = bytesOfLatin1('_NRPE_CHECK');
  const packet = (crc: number): Uint8Array => {
    // version 2, type query, checksum, result, the command
    const head = Uint8Array.of(0, 2, 0, 1, crc >>> 24, crc >>> 16, crc >>> 8, crc, 0, 0);
    return concatBytes(head, command, new Uint8Array(LENGTH - head.length - command.length));
  };
  return packet(crc32(packet(0)));
}

export const nrpe: Matcher = {
  name: 'nrpe',
  source: 'NRPE include/common.h: packets of version 2 to 4',
  ports: [5666],
  // Under TLS, unless it is started with `-n`.
  tlsPorts: [5666],
  question: { name: 'nrpe', bytes: query },
  match({ text, asked }) {
    if (asked !== 'nrpe' || !/^\0[\x02-\x04]\0\x02/.test(text)) return null;
    return { name: 'nrpe', product: 'NRPE', version: /NRPE v(\d[\w.]{0,20})/.exec(text)?.[1], confidence: SURE };
  },
};
