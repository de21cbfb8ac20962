import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Lab } from '../../bench/lab/lab.ts';
import { runCommand } from '../../bench/lab/run-command.ts';
import type { UdpServer } from './udp-servers.ts';

const START_WITHIN = 20_000;

/**
 * Starts the server at the far end, with a /run of its own, and waits until the kernel there says that it listens on its
 * ports: not by asking it, since how it answers is what is to be tested.
 */
export async function runUdpServer(lab: Lab, server: UdpServer): Promise<AsyncDisposable> {
  const dir = mkdtempSync(join(tmpdir(), 'portfleet-udp-'));
  makeCertificate(dir);
  for (const [name, text] of Object.entries(server.files?.(dir) ?? {})) writeFileSync(join(dir, name), text);
  const prepare = ['mount -t tmpfs none /run', ...(server.run ?? []).map((name) => `mkdir /run/${name}`), 'exec "$@"'];
  const inside = [
    'unshare',
    '--mount',
    '--',
    'sh',
    '-ec',
    prepare.join('; '),
    'sh',
    server.binary,
    ...server.args(dir),
  ];
  const [command = '', ...args] = [...lab.enter, ...inside];
  const child = spawn(command, args, { cwd: dir, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text) => (said = `${said}${text}`.slice(-4_000)));
  const gone = once(child, 'close');
  const stop = async (): Promise<void> => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
    await gone;
    rmSync(dir, { recursive: true, force: true });
  };
  const end = performance.now() + START_WITHIN;
  while (!(await listensOn(lab, server.ports))) {
    if (child.exitCode === null && performance.now() < end) await delay(50);
    else {
      await stop();
      throw new Error(`${server.binary} does not listen: ${said}`);
    }
  }
  return { [Symbol.asyncDispose]: stop };
}

async function listensOn(lab: Lab, ports: readonly number[]): Promise<boolean> {
  const listening = await listeningUdpPorts(lab);
  return ports.every((port) => listening.has(port));
}

/** The UDP ports that the kernel of the far end has a socket for, at whatever address. */
export async function listeningUdpPorts(lab: Lab): Promise<ReadonlySet<number>> {
  const [command = '', ...args] = [...lab.enter, 'ss', '-Hlun'];
  return new Set([...(await runCommand(command, args)).matchAll(/:(\d+)\s/g)].map(([, port]) => Number(port)));
}

function makeCertificate(dir: string): void {
  const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '10', '-subj', '/CN=localhost'];
  execFileSync('openssl', [...made, '-keyout', `${dir}/key.pem`, '-out', `${dir}/cert.pem`], { stdio: 'ignore' });
}
