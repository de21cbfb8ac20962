import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { closedPort, openPort, openService, QUIET_LOOPBACK } from '../helpers/ports.ts';
import { runCommand } from '../helpers/run-command.ts';
import { tempDir } from '../helpers/temp-dir.ts';

const COMMAND = fileURLToPath(new URL('../../dist/portfleet.mjs', import.meta.url));

/** Runs a line of shell in which $PORTFLEET is the command; gives the exit code of the command itself. */
async function inShell(line: string, dataDir: string, env: Readonly<Record<string, string>> = {}) {
  const child = spawn('/bin/bash', ['-c', `${line}; exit \${PIPESTATUS[0]}`], {
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: dataDir,
      TZ: 'UTC',
      PORTFLEET_DATA_DIR: dataDir,
      PORTFLEET: `${process.execPath} ${COMMAND}`,
      ...env,
    },
  });
  const printed = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      printed[stream] += text;
    });
  }
  const [code] = (await once(child, 'close')) as [number];
  return { code, ...printed };
}

describe('A reader that leaves', () => {
  it('ends the printing, and neither the scan nor the verdict', async () => {
    await using listener = await openPort();
    const dataDir = tempDir();
    const line = `$PORTFLEET scan 127.0.0.1 -p 1-300,${listener.port} --expect 22 | head -1`;
    const { code, stdout, stderr } = await inShell(line, dataDir);
    expect([code, stdout.split('\n')]).toEqual([3, [expect.stringContaining('Portfleet'), '']]);
    expect(stderr).toContain(`${listener.port}/tcp is open`);
    expect((await runCommand(['list'], { dataDir })).stdout).toContain('complete');
  });
});

describe.skipIf(!existsSync('/dev/full'))('Output that cannot be written', () => {
  it('is a sentence and exit code 1, of a report as of a list', async () => {
    const dataDir = tempDir();
    const scanned = await inShell(`$PORTFLEET scan 127.0.0.1 -p ${await closedPort()} > /dev/full`, dataDir);
    const listed = await inShell('$PORTFLEET list > /dev/full', dataDir);
    for (const { code, stderr } of [scanned, listed]) {
      expect([code, stderr]).toEqual([
        1,
        expect.stringMatching(/^portfleet: Standard output cannot be written.*\n.*\n$/),
      ]);
    }
  });
});

describe('Report files', () => {
  it('that cannot be written are told before anything is probed', async () => {
    const seen: unknown[] = [];
    await using listener = await openService((socket) => seen.push(socket));
    const dataDir = tempDir();
    const words = ['scan', QUIET_LOOPBACK, '-p', `${listener.port}`, '-oX', `${dataDir}/none/a.xml`];
    const { code, stdout, stderr } = await runCommand(words, { dataDir });
    expect([code, stdout, seen.length]).toEqual([1, '', 0]);
    expect(stderr).toContain('none/a.xml');
    expect((await runCommand(['list'], { dataDir })).stdout).toBe('');
  });

  it('are refused where two formats go to one file, or one onto the store', async () => {
    const dataDir = tempDir();
    const scan = ['scan', '127.0.0.1', '-p', '1'];
    const twice = await runCommand([...scan, '-oX', `${dataDir}/a`, '-oN', `${dataDir}/./a`], { dataDir });
    expect([twice.code, twice.stderr]).toEqual([2, expect.stringContaining('Two reports')]);
    expect((await runCommand(scan, { dataDir })).code).toBe(0);
    const store = `${dataDir}/portfleet.db`;
    const before = readFileSync(store);
    const onto = await runCommand([...scan, '-oX', store], { dataDir });
    expect([onto.code, onto.stderr]).toEqual([1, expect.stringContaining('where scans are kept')]);
    expect(readFileSync(store).equals(before)).toBe(true);
  });

  it('leave no file behind that was only tried, and replace an old one as a whole', async () => {
    const dataDir = tempDir();
    writeFileSync(`${dataDir}/old.xml`, 'old');
    const bad = ['scan', '999.1.1.1', '-oX', `${dataDir}/new.xml`];
    expect((await runCommand(bad, { dataDir })).code).toBe(2);
    expect(existsSync(`${dataDir}/new.xml`)).toBe(false);
    const words = ['scan', '127.0.0.1', '-p', `${await closedPort()}`, '-oX', `${dataDir}/old.xml`];
    expect((await runCommand(words, { dataDir })).code).toBe(0);
    expect(readFileSync(`${dataDir}/old.xml`, 'utf8')).toMatch(/^<\?xml[\s\S]*<\/nmaprun>\n$/);
    const appended = await runCommand([...words, '--append-output'], { dataDir });
    expect(appended.code).toBe(0);
    expect(readFileSync(`${dataDir}/old.xml`, 'utf8').match(/<\/nmaprun>/g)).toHaveLength(2);
  });

  it('are named after the time, as nmap does it', async () => {
    const dataDir = tempDir();
    const words = ['scan', '127.0.0.1', '-p', `${await closedPort()}`, '-oN', `${dataDir}/scan-%F-%%.txt`];
    const before = new Date().toISOString().slice(0, 10);
    expect((await runCommand(words, { dataDir })).code).toBe(0);
    const after = new Date().toISOString().slice(0, 10);
    expect([before, after].some((day) => existsSync(`${dataDir}/scan-${day}-%.txt`))).toBe(true);
  });
});

describe('"-" for a file', () => {
  it('is standard output for -oX, and standard input for import', async () => {
    await using listener = await openPort();
    const dataDir = tempDir();
    const line = `$PORTFLEET scan 127.0.0.1 -p ${listener.port} -oX - | $PORTFLEET import - --data-dir ${dataDir}/other`;
    const { code, stdout } = await inShell(line, dataDir);
    expect([code, stdout]).toEqual([0, expect.stringContaining('Imported as scan')]);
    expect(existsSync('-')).toBe(false);
    const both = await runCommand(['scan', '127.0.0.1', '-oX', '-', '--format', 'json'], { dataDir });
    expect([both.code, both.stderr]).toEqual([2, expect.stringContaining('Standard output')]);
  });
});

describe('What streams', () => {
  it('prints each port once on standard output, as lines of JSON and as host:port', async () => {
    // One that reads: a listener that does not would keep the connection of -sV for ever.
    await using listener = await openPort((socket) => socket.resume());
    const dataDir = tempDir();
    const words = ['scan', '127.0.0.1', '-p', `1-50,${listener.port}`];
    const jsonl = await runCommand([...words, '--format', 'jsonl', '-v'], { dataDir });
    expect(JSON.parse(jsonl.stdout)).toMatchObject({ ip: '127.0.0.1', port: listener.port });
    const list = await runCommand([...words, '--format', 'list', '-sV'], { dataDir });
    expect(list.stdout).toBe(`127.0.0.1:${listener.port}\n`);
    const text = await runCommand(words, { dataDir });
    expect(text.stdout.split(`${listener.port}/tcp`)).toHaveLength(2);
  });

  it('is read again: host:port from standard input, where nothing else names a target', async () => {
    await using listener = await openPort();
    const dataDir = tempDir();
    const input = `127.0.0.1:${listener.port}\n`;
    const { code, stdout } = await runCommand(['--format', 'list', '--quiet'], { dataDir, input });
    expect([code, stdout]).toEqual([0, input]);
  });
});

describe('The environment', () => {
  it.each([{ TZ: '' }, { TZ: 'Nowhere/Land' }, { TZ: ':', LC_ALL: 'xx_YY', LANG: '' }])(
    '%o breaks nothing',
    async (env) => {
      const dataDir = tempDir();
      const words = ['scan', '127.0.0.1', '-p', `${await closedPort()}`];
      expect((await runCommand(words, { dataDir, env })).code).toBe(0);
      const listed = await runCommand(['list'], { dataDir, env });
      expect([listed.code, listed.stderr]).toEqual([0, '']);
    },
  );

  it.skipIf(process.platform !== 'linux').each([20, 22, 24, 26, 28, 30, 34, 38, 44])(
    'with %i open files gets a sentence or a report, never a stack',
    async (openFiles) => {
      const words = ['scan', '127.0.0.1', '-p', `${await closedPort()}`];
      const { code, stderr } = await runCommand(words, { dataDir: tempDir(), openFiles });
      expect(stderr).not.toMatch(/^\s+at |node:internal/m);
      if (code !== 0) expect([code, stderr]).toEqual([1, expect.stringMatching(/^portfleet: .*\n.*\n$/)]);
    },
  );
});
