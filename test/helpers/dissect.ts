import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { onPath } from '../../bench/lab/lab-missing.ts';

export const tsharkMissing: string | undefined = onPath('tshark') ? undefined : 'tshark is not installed';

export interface Dissected {
  /** The protocols that tshark saw above UDP: "rmcp:asf". */
  readonly protocols: string;
  readonly malformed: boolean;
  readonly summary: string;
}

export interface Datagram {
  readonly port: number;
  readonly bytes: Uint8Array;
}

const word = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};

/** Packets that begin with their IPv4 header. */
const LINKTYPE_RAW = 101;
const FILE_HEADER = Buffer.concat([
  word(0xa1b2c3d4),
  Buffer.from([2, 0, 4, 0]),
  word(0),
  word(0),
  word(65_535),
  word(LINKTYPE_RAW),
]);

/** A capture file of these datagrams, each from a port of its own, so that tshark takes none for part of another's talk. */
function capture(datagrams: readonly Datagram[]): Buffer {
  const packets = datagrams.map(({ port, bytes }, index) => {
    const udp = Buffer.alloc(8);
    udp.writeUInt16BE(40_000 + index, 0);
    udp.writeUInt16BE(port, 2);
    udp.writeUInt16BE(8 + bytes.length, 4);
    const ip = Buffer.from('450000000000000040110000c6120001c612000a', 'hex');
    ip.writeUInt16BE(ip.length + udp.length + bytes.length, 2);
    return Buffer.concat([ip, udp, bytes]);
  });
  const records = packets.map((packet) =>
    Buffer.concat([word(0), word(0), word(packet.length), word(packet.length), packet]),
  );
  return Buffer.concat([FILE_HEADER, ...records]);
}

/** What tshark, which knows nothing of us, makes of each datagram. `scratch` is a folder for the capture. */
export function dissect(datagrams: readonly Datagram[], scratch: string): Dissected[] {
  const file = `${scratch}/datagrams.pcap`;
  writeFileSync(file, capture(datagrams));
  const fields = ['frame.protocols', '_ws.malformed', '_ws.col.Info'].flatMap((field) => ['-e', field]);
  const said = execFileSync('tshark', ['-n', '-r', file, '-T', 'fields', ...fields], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return said
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [protocols = '', malformed = '', summary = ''] = line.split('\t');
      return { protocols: protocols.replace('raw:ip:udp:', ''), malformed: malformed !== '', summary: summary.trim() };
    });
}
