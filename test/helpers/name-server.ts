import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';

/** What a name server knows: the addresses of each name; `null` is a name that it never answers for. */
export type Zone = Readonly<Record<string, readonly string[] | null>>;

const [HEADER, NO_SUCH_NAME, ANSWER] = [12, 3, 0x8180];
const TYPE_A = 1;
const TYPE_AAAA = 28;

/** A name server (RFC 1035) that knows a few names, on port 53 of that address. */
export async function startNameServer(address: string, zone: Zone): Promise<Socket> {
  const socket = createSocket('udp4', (query, from) => {
    const answer = answerTo(query, zone);
    if (answer) socket.send(answer, from.port, from.address);
  });
  await once(socket.bind(53, address), 'listening');
  return socket;
}

function answerTo(query: Buffer, zone: Zone): Buffer | null {
  const labels: string[] = [];
  let at = HEADER;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const type = query.readUInt16BE(at + 1);
  const addresses = zone[labels.join('.').toLowerCase()];
  if (addresses === null) return null;
  const wanted = (addresses ?? []).filter((each) => type === (isIPv6(each) ? TYPE_AAAA : TYPE_A));
  const header = Buffer.alloc(HEADER);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(addresses ? ANSWER : ANSWER | NO_SUCH_NAME, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(wanted.length, 6);
  return Buffer.concat([header, query.subarray(HEADER, at + 5), ...wanted.map((each) => recordOf(each, type))]);
}

/** The record of an address of the name that was asked for, for a minute. */
function recordOf(address: string, type: number): Buffer {
  const bytes = Buffer.from(isIPv6(address) ? bytesOfIpv6(address) : address.split('.').map(Number));
  const record = Buffer.from([0xc0, HEADER, 0, type, 0, 1, 0, 0, 0, 60, 0, bytes.length]);
  return Buffer.concat([record, bytes]);
}

/** Of an address that has one "::" at its beginning or in its middle. */
function bytesOfIpv6(address: string): number[] {
  const [left = '', right = ''] = address.split('::');
  const words = (text: string): number[] => (text ? text.split(':').map((word) => Number.parseInt(word, 16)) : []);
  const [first, last] = [words(left), words(right)];
  const all = [...first, ...Array<number>(8 - first.length - last.length).fill(0), ...last];
  return all.flatMap((word) => [word >> 8, word & 0xff]);
}
