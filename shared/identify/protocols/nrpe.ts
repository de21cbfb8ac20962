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

/** A query of version 3 for `_NRPE_CHECK`, the command that every server has and that runs nothing. */
function query(): Uint8Array {
  const command = bytesOfLatin1('_NRPE_CHECK\0');
  const packet = (crc: number): Uint8Array =>
    concatBytes(
      // version 3, type query, checksum, result, alignment, length of the command, the command, three bytes of padding
      Uint8Array.of(0, 3, 0, 1, crc >>> 24, crc >>> 16, crc >>> 8, crc, 0, 0, 0, 0, 0, 0, 0, command.length),
      command,
      new Uint8Array(3),
    );
  return packet(crc32(packet(0)));
}

export const nrpe: Matcher = {
  name: 'nrpe',
  source: 'NRPE include/common.h: packets of version 2 to 4',
  ports: [5666],
  tlsPorts: [],
  question: { name: 'nrpe', bytes: query },
  match({ text, asked }) {
    if (asked !== 'nrpe' || !/^\0[\x02-\x04]\0\x02/.test(text)) return null;
    return { name: 'nrpe', product: 'NRPE', version: /NRPE v(\d[\w.]{0,20})/.exec(text)?.[1], confidence: SURE };
  },
};
