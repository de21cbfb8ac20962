import { bytesOfHex, bytesOfLatin1, concatBytes } from '../../domain/bytes.ts';
import { type Matcher, SURE } from './kit/matcher.ts';

/** A varint below 128 is one byte. Handshake: protocol 47, the host, the port, next state 1 (status); then the request. */
function status(host: string): Uint8Array {
  const name = bytesOfLatin1(host.slice(0, 100));
  return concatBytes(Uint8Array.of(6 + name.length, 0, 47, name.length), name, bytesOfHex('63 dd 01  01 00'));
}

export const minecraft: Matcher = {
  name: 'minecraft',
  source: 'Minecraft Java Edition protocol, Server List Ping',
  ports: [25_565],
  tlsPorts: [],
  question: { name: 'minecraft', bytes: status },
  match({ text, asked }) {
    if (asked !== 'minecraft' || !/^[\s\S]{1,3}\0[\s\S]{1,3}\{/.test(text) || !/"version"/.test(text)) return null;
    const version = /"version"\s*:\s*\{[^}]{0,100}"name"\s*:\s*"([^"]{1,60})"/.exec(text)?.[1];
    const players = /"players"\s*:\s*\{[^}]{0,100}"max"\s*:\s*(\d{1,6})[^}]{0,40}?"online"\s*:\s*(\d{1,6})/.exec(text);
    const [, product = 'Minecraft', number = version] = /^(\D{1,40}?) ?(\d[\w.]{0,20})$/.exec(version ?? '') ?? [];
    return {
      name: 'minecraft',
      product,
      version: number,
      info: players ? `${players[2]} of ${players[1]} players` : undefined,
      confidence: SURE,
    };
  },
};
