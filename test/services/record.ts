// What the real servers of the roster say, written down in hex: test/fixtures/recorded, a file for each entry.
// Run as root: node --import ./bench/load-typescript.mjs test/services/record.ts [NAME…]
// Each server is asked on its usual port and on one of no meaning, in a network of its own; what a matcher claims is kept.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { bytesOfLatin1 } from '../../shared/domain/bytes.ts';
import type { Finding } from '../../shared/domain/finding.ts';
import { type Address, epochMillis, millis, type PortNumber } from '../../shared/domain/units.ts';
import { makeSocketBudget } from '../../shared/engine/socket-budget.ts';
import { makeRateLimiter } from '../../shared/engine/target/rate-limiter.ts';
import { type IdentifyDeps, identifyServices } from '../../shared/identify/identify-services.ts';
import { matchAnswer } from '../../shared/identify/protocols/all.ts';
import type { Heard } from '../../shared/identify/protocols/kit/matcher.ts';
import { nodeConnector } from '../../shared/net/node-connector.ts';
import { systemClock } from '../../shared/net/system-clock.ts';
import { fileOf, RECORDINGS, type Recording } from './recording.ts';
import { portOf, ROSTER, type Rostered } from './roster.ts';
import { isInstalled, type RunningServer, runServer, untilAccepts } from './run-server.ts';

const INSIDE = '--inside';
const STRANGE_PORT = 40_404 as PortNumber;

/** Some serve one client at a time, and take a while to be done with whoever looked whether they listen. */
const ATTEMPTS = 3;
const BETWEEN = 4_000;
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function versionOf(name: string): string {
  if (name === 'node itself') return `Node.js ${process.version}`;
  if (/ of (?:PyPI|npm|Maven)$/.test(name)) return name;
  const { stdout } = spawnSync('dpkg-query', ['--show', name], { encoding: 'utf8' });
  // What another package brings (a JDK for a smaller one) has no version of its own name.
  const version = stdout.trim().split('\t')[1] ?? '';
  return `${name} ${version} of Debian 12`.replace('  ', ' ');
}

/** The second pass over an open port of this machine. */
async function ask(port: PortNumber, how: Pick<IdentifyDeps, 'connector' | 'onHeard'>): Promise<void> {
  const finding: Finding = {
    address: '127.0.0.1' as Address,
    protocol: 'tcp',
    port,
    state: 'open',
    reason: 'syn-ack',
    service: { name: 'unavailable', method: 'table' },
    seenAt: epochMillis(systemClock.wall()),
    rtt: millis(1),
    attempt: 1,
  };
  await identifyServices([finding], {
    ...how,
    clock: systemClock,
    budget: makeSocketBudget(10),
    rateLimiterOf: () => makeRateLimiter(null),
    nameOf: () => 'localhost',
    detect: 'services',
    signal: new AbortController().signal,
    deadline: null,
    onIdentified: () => {},
  });
}

/** Asks the server as if it were on its usual port, then as if it were on any, and keeps each different answer once. */
async function record({ server, usual, ...entry }: Rostered, running: RunningServer): Promise<Recording> {
  const real = portOf({ server, usual, ...entry }, running.place);
  await untilAccepts(real);
  const answers = new Map<string, Recording['answers'][number]>();
  for (const port of [usual as PortNumber, STRANGE_PORT]) {
    const onHeard = ({ bytes, asked, sent, at, tls, text }: Heard): void => {
      const heard = { bytes, asked, sent, at, tls, text };
      if (asked === 'http favicon' || matchAnswer(heard, port) === null) return;
      const key = `${asked} ${tls !== null}`;
      if (answers.has(key)) return;
      const without = matchAnswer({ ...heard, sent: '' }, port);
      const needsQuestion = JSON.stringify(without) !== JSON.stringify(matchAnswer(heard, port));
      const answer = { port, asked, heard: hex(bytes), at: Math.round(at), tls: tls !== null };
      answers.set(key, needsQuestion ? { ...answer, sent: hex(bytesOfLatin1(sent)) } : answer);
    };
    const connect: typeof nodeConnector.connect = (peer, onEvent) =>
      nodeConnector.connect({ ...peer, port: real }, onEvent);
    await ask(port, { connector: { connect }, onHeard });
  }
  return { from: versionOf(server.package), answers: [...answers.values()] };
}

async function main(names: readonly string[]): Promise<void> {
  mkdirSync(RECORDINGS, { recursive: true });
  for (const [name, entry] of Object.entries(ROSTER)) {
    if (!isInstalled(entry.server) || (names.length > 0 && !names.includes(name))) continue;
    try {
      const running = await runServer(entry.server);
      try {
        let recording = await record(entry, running);
        for (let attempt = 1; attempt < ATTEMPTS && recording.answers.length === 0; attempt++) {
          await delay(BETWEEN);
          recording = await record(entry, running);
        }
        if (recording.answers.length === 0) process.stderr.write(`${name}: nothing that a matcher claims\n`);
        else writeFileSync(join(RECORDINGS, fileOf(name)), `${JSON.stringify(recording, null, 2)}\n`);
      } finally {
        await running[Symbol.asyncDispose]();
      }
    } catch (error) {
      process.stderr.write(`${name}: ${(error as Error).message.split('\n', 1)[0]}\n`);
    }
  }
}

/** In a network of its own nothing else listens, and nothing is reached. */
function enter(): void {
  const setup = `ip link set lo up; sysctl -qw net.ipv4.ip_local_port_range="20000 32000"; exec "$@"`;
  const rest = [process.execPath, ...process.execArgv, ...process.argv.slice(1), INSIDE];
  process.exitCode = spawnSync('unshare', ['-n', 'sh', '-c', setup, 'sh', ...rest], { stdio: 'inherit' }).status ?? 1;
}

if (process.argv.includes(INSIDE)) await main(process.argv.slice(2).filter((word) => word !== INSIDE));
else enter();
