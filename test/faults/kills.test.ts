import { execFileSync } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { openPort } from '../helpers/ports.ts';
import { runCommand, startCommand } from '../helpers/run-command.ts';
import { tempDir } from '../helpers/temp-dir.ts';
import { ROUNDS, randomOf } from './rounds.ts';

const random = randomOf('kills');
const upTo = (most: number): number => Math.floor(random() * most);

/** A scan of two seconds, over two workers, so that a kill may fall anywhere into it. */
const PORTS = 2_000;
const PACE = ['--rate', '1000', '--workers', '2'];

/** Runs that are killed before one is left alone; five deaths of a chunk in a row that settle nothing would end it. */
const KILLS = 4;

/** What came to pass, for whoever writes down what was tried. */
const counts = { scans: 0, killedBeforeTheScan: 0, commandsKilled: 0, workersKilled: 0, resumes: 0 };

afterAll(() => console.info('kills:', JSON.stringify(counts)));

const childrenOf = (pid: number | undefined): number[] => {
  try {
    const listed = execFileSync('ps', ['-o', 'pid=', '--ppid', `${pid}`], { encoding: 'utf8' });
    return listed.trim().split(/\s+/).filter(Boolean).map(Number);
  } catch {
    return [];
  }
};

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Starts the command, kills it or one of its workers at some moment, and gives every process that it had. */
async function disturb(words: readonly string[], dataDir: string): Promise<number[]> {
  const command = startCommand(words, { dataDir });
  await setTimeout(200 + upTo(2_500));
  const workers = childrenOf(command.child.pid);
  const victims = random() < 0.5 ? [command.child.pid ?? 0] : workers.slice(0, 1 + upTo(2));
  counts.commandsKilled += 1;
  if (victims[0] !== command.child.pid) counts.workersKilled += victims.length;
  for (const victim of victims) {
    try {
      process.kill(victim, 'SIGKILL');
    } catch {
      // It had ended by itself.
    }
  }
  if (victims[0] !== command.child.pid) {
    await setTimeout(upTo(1_000));
    command.child.kill('SIGKILL');
  }
  await command.ended;
  return workers;
}

interface Shown {
  readonly scan: { readonly status: string };
  readonly summary: { readonly planned: number; readonly pending: number; readonly settled: Record<string, number> };
}

describe('A scan whose processes are killed at random', () => {
  it.each(Array.from({ length: ROUNDS }, (_, round) => round))(
    'loses nothing and invents nothing (round %i)',
    async () => {
      await using first = await openPort();
      await using last = await openPort();
      const dataDir = tempDir();
      const range = `1-${PORTS},${first.port},${last.port}`;
      const left = await disturb(['scan', '127.0.0.1', '-p', range, ...PACE, '--quiet'], dataDir);
      const id = (await runCommand(['list'], { dataDir })).stdout.split('\n')[1]?.split(' ')[0];
      counts[id ? 'scans' : 'killedBeforeTheScan'] += 1;
      if (!id) return;
      let kills = upTo(KILLS);
      counts.resumes += kills + 1;
      for (; kills > 0; kills--) left.push(...(await disturb(['resume', id], dataDir)));
      await runCommand(['resume', id], { dataDir });
      const { stdout } = await runCommand(['show', id, '--format', 'json'], { dataDir });
      const { scan, summary } = JSON.parse(stdout) as Shown;
      expect([scan.status, summary.pending]).toEqual(['complete', 0]);
      expect(Object.values(summary.settled).reduce((sum, count) => sum + count, 0)).toBe(summary.planned);
      for (const { port } of [first, last]) expect(stdout).toContain(`"port":${port}`);
      while (left.some(isAlive)) await setTimeout(50);
    },
  );
});
