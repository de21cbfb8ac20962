import { spawn } from 'node:child_process';
import dgram from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';
import { networkInterfaces } from 'node:os';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Lab, type Packets, type WayCount, withLab } from '../../bench/lab/lab.ts';
import { labMissing, onPath } from '../../bench/lab/lab-missing.ts';
import { runCommand } from '../../bench/lab/run-command.ts';
import type { WireOptions } from '../../bench/lab/wire.ts';
import { nmapPorts } from '../../bench/scanners/nmap.ts';

const missing =
  labMissing() ?? (onPath('nmap') ? undefined : 'the lab is checked against nmap, which is not installed');

describe.skipIf(missing)(`the wire of the lab ${missing ? `(skipped: ${missing})` : ''}`, () => {
  it('takes at least the round-trip time to answer', async () => {
    await withLab({ rtt: 80 }, async (lab) => {
      await lab.open([80]);
      const start = performance.now();
      const socket = net.connect(80, lab.address);
      await once(socket, 'connect');
      expect(performance.now() - start).toBeGreaterThanOrEqual(80);
      socket.destroy();
    });
  });

  it('loses the stated share of the packets, the same ones under the same seed', async () => {
    const first = await lossOf({ loss: 10, seed: 7 });
    const again = await lossOf({ loss: 10, seed: 7 });
    const other = await lossOf({ loss: 10, seed: 8 });
    // 10 % of 2,000 with a standard deviation of 13.4: five of them either side
    expect(Math.abs(first.there.lost - 200)).toBeLessThan(67);
    expect(again.there).toEqual(first.there);
    expect(again.back).toEqual(first.back);
    expect([other.there, other.back]).not.toEqual([first.there, first.back]);
    expect(first.back.sent).toBe(first.there.passed);
    expect(first.back.lost).toBeGreaterThan(0);
  });

  it('drops what is over the cap, and nothing else', async () => {
    const capped = await lossOf({ cap: 100 });
    expect(capped.there.passed + capped.there.capped).toBe(2000);
    // the bucket holds 5 packets
    expect(capped.there.passed).toBeGreaterThanOrEqual(5);
    expect(capped.there.capped).toBeGreaterThan(0);
    const free = await lossOf({});
    expect(free.there).toEqual({ sent: 2000, passed: 2000, lost: 0, capped: 0 });
    expect(free.overflowed).toBe(0);
  });

  it('counts the probes of every port, and how many came within a second', async () => {
    await withLab({}, async (lab) => {
      await lab.silent([97]);
      const before = await lab.packets();
      expect(before.syns).toBe(0);
      // Long timeouts: on a busy machine nmap would else ask an answered port again before it has read the answer.
      const patient = ['--min-rtt-timeout', '2s', '--initial-rtt-timeout', '2s', '--max-rtt-timeout', '3s'];
      await runCommand('nmap', ['-sT', '-n', '-Pn', ...patient, '--max-retries', '2', '-p', '90-99', lab.address]);
      const attempts = await lab.attempts();
      expect([...attempts.keys()]).toEqual([90, 91, 92, 93, 94, 95, 96, 97, 98, 99]);
      // a silent port is asked again; nmap of this version asks once more when no retry was ever answered
      expect(attempts.get(97)).toBeGreaterThanOrEqual(2);
      expect(attempts.get(90)).toBe(1);
      const { syns } = await lab.packets();
      expect(syns).toBe([...attempts.values()].reduce((sum, count) => sum + count, 0));
      expect(await lab.busiest(60_000)).toBe(syns);
      expect(await lab.busiest(0.001)).toBeLessThan(syns);
    });
  });

  it('can be had twice at once', async () => {
    await withLab({}, (one) =>
      withLab({}, async (two) => {
        expect(one.network).not.toBe(two.network);
        await one.open([80]);
        expect(await connects(one.address, 80)).toBe(true);
        expect(await connects(two.address, 80)).toBe(false);
        expect(await connects(one.address6, 80)).toBe(true);
        expect(await connects(two.address6, 80)).toBe(false);
      }),
    );
  });

  it.each(['SIGKILL', 'SIGINT', 'SIGTERM'] as const)(
    'leaves nothing behind when its owner ends by %s',
    async (signal) => {
      const script = fileURLToPath(new URL('hold-lab.ts', import.meta.url));
      const loader = fileURLToPath(new URL('../../bench/load-typescript.mjs', import.meta.url));
      const owner = spawn(process.execPath, ['--import', loader, script], { stdio: 'pipe' });
      const [device] = (await once(owner.stdout.setEncoding('utf8'), 'data')) as [string];
      expect(Object.keys(networkInterfaces())).toContain(device.trim());
      owner.stderr.resume();
      owner.kill(signal);
      // The parts of the lab hold the same standard error: its end is theirs.
      await once(owner, 'close');
      expect(Object.keys(networkInterfaces())).not.toContain(device.trim());
    },
  );
});

describe.skipIf(missing)(`answer limits of the lab ${missing ? `(skipped: ${missing})` : ''}`, () => {
  const impatient = ['-sT', '-T5', '--max-retries', '0'];

  it('limits resets and leaves the open ports alone', async () => {
    await withLab({}, async (lab) => {
      await lab.open([100, 200, 300]);
      await lab.limitAnswers({ resets: 20 });
      const seen = await counts(lab.address, '1-400', impatient);
      expect(seen['open syn-ack']).toBe(3);
      expect(seen['filtered no-response']).toBeGreaterThan(0);
      expect(seen['closed conn-refused']).toBeGreaterThan(0);
    });
  });

  it('limits the SYNs it takes, whatever the port', async () => {
    await withLab({}, async (lab) => {
      await lab.open(Array.from({ length: 400 }, (_, index) => index + 1));
      await lab.limitAnswers({ syns: 20 });
      const seen = await counts(lab.address, '1-400', impatient);
      expect(seen['open syn-ack']).toBeGreaterThan(0);
      expect(seen['filtered no-response']).toBeGreaterThan(0);
    });
  });

  it('limits ICMP as Linux does when asked to, and not otherwise', async () => {
    await withLab({}, async (lab) => {
      await lab.reject('host-unreach');
      expect(await counts(lab.address, '1-400', impatient)).toEqual({ 'filtered host-unreach': 400 });
      await lab.limitIcmp();
      const seen = await counts(lab.address, '1-400', impatient);
      expect(seen['filtered no-response']).toBeGreaterThan(0);
      expect(seen['filtered host-unreach']).toBeGreaterThan(0);
    });
  });
});

/** How often nmap gave each "state reason". */
async function counts(address: string, ports: string, options: readonly string[]): Promise<Record<string, number>> {
  const xml = await runCommand('nmap', [...options, '-n', '-Pn', '-p', ports, '-oX', '-', address]);
  const found: Record<string, number> = {};
  for (const { state, reason } of nmapPorts(xml)) found[`${state} ${reason}`] = (found[`${state} ${reason}`] ?? 0) + 1;
  return found;
}

/** What became of 2,000 datagrams, one to each of as many ports that answer. */
function lossOf(options: WireOptions): Promise<Packets> {
  const ports = Array.from({ length: 2000 }, (_, index) => index + 1);
  return withLab(options, async (lab) => {
    const socket = dgram.createSocket('udp4');
    await Promise.all(ports.map((port) => sent(socket, port, lab.address)));
    const packets = await settled(lab, ports.length);
    socket.close();
    return packets;
  });
}

const sent = (socket: dgram.Socket, port: number, address: string): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.send('?', port, address, (error) => (error ? reject(error) : resolve()));
  });

/** The counts once every datagram was seen, and what came of it is no longer under way. */
async function settled(lab: Lab, datagrams: number): Promise<Packets> {
  for (const end = performance.now() + 10_000; performance.now() < end; ) {
    const packets = await lab.packets();
    const { there, back } = packets;
    if (there.sent === datagrams && left(there) === 0 && back.sent === there.passed && left(back) === 0) return packets;
  }
  throw new Error(`the datagrams did not all arrive: ${JSON.stringify(await lab.packets())}`);
}

const left = (way: WayCount): number => way.sent - way.passed - way.lost - way.capped;

const connects = (address: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = net.connect(port, address);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
