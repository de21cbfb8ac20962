import { bytesOfHex, bytesOfLatin1, concatBytes } from '../../domain/bytes.ts';
import { type Matcher, SURE } from './kit/matcher.ts';

/** Hello: version 0, buffers of 64 KB, no limit on messages, and an address that any server accepts. */
const hello = (host: string): Uint8Array => {
  const url = bytesOfLatin1(`opc.tcp://${host.slice(0, 100)}`);
  return concatBytes(
    bytesOfLatin1('HELF'),
    Uint8Array.of(32 + url.length, 0, 0, 0),
    bytesOfHex('00000000 ffff0000 ffff0000 00000000 00000000'),
    Uint8Array.of(url.length, 0, 0, 0),
    url,
  );
};

export const opcua: Matcher = {
  name: 'opcua',
  source: 'OPC UA part 6, section 7.1.2 (Hello, Acknowledge, Error)',
  ports: [4840],
  tlsPorts: [4843],
  question: { name: 'opcua', bytes: (_, authority) => hello(authority) },
  match: ({ text, asked }) =>
    asked === 'opcua' && /^(?:ACKF\x1c\0\0\0|ERRF[\s\S]\0\0\0[\s\S]{2}[\s\S]\x80)/.test(text)
      ? { name: 'opcua', product: 'OPC UA', confidence: SURE }
      : null,
};
