import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openPort } from '../helpers/ports.ts';
import { type Ended, runCommand } from '../helpers/run-command.ts';
import { tempDir } from '../helpers/temp-dir.ts';

/** Room for a store of 130 kB and its log, and for little more. */
const DISK = '600k';

/** A small disk in memory; why there is none, if so. */
function mountDisk(at: string): string | undefined {
  if (process.getuid?.() !== 0) return 'only root can mount one';
  mkdirSync(at, { mode: 0o700 });
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK},mode=0700`, 'tmpfs', at]);
  return status === 0 ? undefined : `it cannot be mounted: ${String(stderr).trim()}`;
}

/** Writes until nothing is left. */
function fill(disk: string, upTo = Number.POSITIVE_INFINITY): void {
  const file = join(disk, 'fill');
  const piece = Buffer.alloc(4_096);
  try {
    for (let size = 0; size < upTo; size += piece.length) writeFileSync(file, piece, { flag: 'a' });
  } catch (error) {
    expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC');
  }
}

const FULL = /^portfleet: The disk that holds .* is full\.\n {2}Make room/;

const told = ({ code, stderr }: Ended) => [code, FULL.test(stderr), /^ +at |should not happen/m.test(stderr)];
const AS_IT_SHOULD = [1, true, false];

describe('A disk', () => {
  it('that is full, or fills up in mid-scan, is named; what is stored can be read, and the scan goes on when there is room', async (test) => {
    const disk = join(tempDir(), 'disk');
    const why = mountDisk(disk);
    if (why) return test.skip(`The test of a full disk is skipped: ${why}`);
    onTestFinished(() => void spawnSync('umount', [disk]));
    await using open = await openPort();
    const dataDir = join(disk, 'data');
    const run = (...words: string[]) => runCommand(words, { dataDir });
    const ports = ['-p', `1-30000,${open.port}`, '--quiet'];
    expect((await run('scan', '127.0.0.1', '-p', `${open.port}`, '--quiet')).code).toBe(0);

    fill(disk, 400_000);
    const cut = await run('scan', '127.0.0.1', ...ports);
    fill(disk);
    const listed = await run('list');
    if (cut.code !== 0) expect(told(cut)).toEqual(AS_IT_SHOULD);
    expect([listed.code, listed.stderr]).toEqual([0, '']);
    expect((await run('show', '--last', '127.0.0.1')).stdout).toContain(`${open.port}/tcp`);
    const file = join(tempDir(), 'scan.json');
    expect((await run('export', '@1', file)).code).toBe(0);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toHaveProperty('scan');
    for (const words of [
      ['scan', '127.0.0.1', '-p', '1', '--quiet'],
      ['watch', 'add', '--name', 'w', '--every', '6h', '127.0.0.1'],
      ['delete', '@1'],
    ]) {
      expect([words, ...told(await run(...words))]).toEqual([words, ...AS_IT_SHOULD]);
    }

    spawnSync('mount', ['-o', 'remount,size=16m', disk]);
    await run('resume', '@1');
    const after = await run('show', '@1', '--format', 'json');
    const { scan, summary } = JSON.parse(after.stdout) as { scan: { status: string }; summary: { pending: number } };
    expect([scan.status, summary.pending]).toEqual(['complete', 0]);
    expect(after.stdout).toContain(`"port":${open.port}`);
  });
});
