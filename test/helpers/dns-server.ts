import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv4 } from 'node:net';

/** What a name server of a test knows: names to addresses, and names of PTR to names. */
export type Zone = Readonly<Record<string, readonly string[]>>;

const TYPES = { A: 1, PTR: 12, AAAA: 28 } as const;

/** The labels of a question, and where it ends. */
function readName(message: Buffer, at: number): { readonly name: string; readonly end: number } {
  const labels: string[] = [];
  let end = at;
  while ((message[end] ?? 0) > 0) {
    const length = message[end] ?? 0;
    labels.push(message.toString('latin1', end + 1, end + 1 + length));
    end += 1 + length;
  }
  return { name: labels.join('.'), end: end + 1 };
}

/** RFC 1035, section 3.1; the labels are the bytes as they are, whatever stands in them. */
const writeName = (name: string): Buffer =>
  Buffer.concat([
    ...name
      .split('.')
      .map((label) => Buffer.concat([Buffer.from([Buffer.byteLength(label, 'latin1')]), Buffer.from(label, 'latin1')])),
    Buffer.from([0]),
  ]);

/** Without "::", which no address of these tests has but "::1". */
const bytesOf = (address: string): Buffer =>
  isIPv4(address) ? Buffer.from(address.split('.').map(Number)) : Buffer.concat([Buffer.alloc(15), Buffer.from([1])]);

function dataFor(type: number, values: readonly string[]): Buffer[] {
  if (type === TYPES.PTR) return values.map(writeName);
  const isWanted = (value: string): boolean => isIPv4(value) === (type === TYPES.A);
  return values.filter(isWanted).map(bytesOf);
}

/** RFC 1035, section 4.1: one question, and the records that the zone has for it; NXDOMAIN where it has none. */
function answer(question: Buffer, zone: Zone): Buffer {
  const { name, end } = readName(question, 12);
  const type = question.readUInt16BE(end);
  const values = zone[name.toLowerCase()];
  const records = dataFor(type, values ?? []).map((data) => {
    const head = Buffer.alloc(12);
    head.writeUInt16BE(0xc00c, 0);
    head.writeUInt16BE(type, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(data.length, 10);
    return Buffer.concat([head, data]);
  });
  const head = Buffer.from(question.subarray(0, 12));
  head.writeUInt16BE(values ? 0x8180 : 0x8183, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(records.length, 6);
  head.writeUInt32BE(0, 8);
  return Buffer.concat([head, question.subarray(12, end + 4), ...records]);
}

export interface NameServer extends AsyncDisposable {
  /** As --dns-servers takes it. */
  readonly server: string;
  /** The names it was asked for, in order. */
  readonly asked: readonly string[];
}

/** A name server on a port of the kernel's choice. */
export async function nameServer(zone: Zone): Promise<NameServer> {
  const socket = createSocket('udp4');
  const asked: string[] = [];
  socket.on('message', (message, { port, address }) => {
    asked.push(readName(message, 12).name.toLowerCase());
    socket.send(answer(message, zone), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    server: `127.0.0.1:${socket.address().port}`,
    asked,
    async [Symbol.asyncDispose]() {
      socket.close();
      await once(socket, 'close');
    },
  };
}

/** The name under which the PTR records of an IPv4 address stand (RFC 1035, section 3.5). */
export const pointerName = (address: string): string => `${address.split('.').reverse().join('.')}.in-addr.arpa`;
