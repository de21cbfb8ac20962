import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { closedPort, openPort } from '../helpers/ports.ts';
import { runCommand } from '../helpers/run-command.ts';
import { tempDir } from '../helpers/temp-dir.ts';

/** Scans those ports of this machine into an nmap XML file. */
async function scanToFile(ports: readonly number[], file: string, dataDir: string): Promise<void> {
  const words = ['scan', '127.0.0.1', '-p', ports.join(','), '--quiet', '-oX', file];
  expect((await runCommand(words, { dataDir })).code).toBe(0);
}

describe('portfleet diff', () => {
  it('names an open port that the earlier scan did not probe, from files and from the store', async () => {
    const dataDir = tempDir();
    const [before, after] = [`${dataDir}/before.xml`, `${dataDir}/after.xml`];
    const lasting = await closedPort();
    await scanToFile([lasting], before, dataDir);
    await using opened = await openPort();
    const late = await closedPort();
    await scanToFile([lasting, late, opened.port], after, dataDir);
    const files = await runCommand(['diff', before, after, '--format', 'json'], { dataDir });
    const latest = await runCommand(['diff', '--last', '127.0.0.1'], { dataDir });
    expect([files.code, latest.code]).toEqual([3, 3]);
    expect(latest.stdout).toContain(`${opened.port}/tcp open, and not known before`);
    expect(latest.stdout).toMatch(/not compared/i);
  });

  it('exits 3 and names the port when one is newly open, and 0 when nothing changed', async () => {
    const dataDir = tempDir();
    const port = await closedPort();
    await scanToFile([port], `${dataDir}/a.xml`, dataDir);
    await scanToFile([port], `${dataDir}/b.xml`, dataDir);
    expect((await runCommand(['diff', '--last', '127.0.0.1'], { dataDir })).code).toBe(0);
    await using reopened = await openPort(() => {}, { port });
    await scanToFile([reopened.port], `${dataDir}/c.xml`, dataDir);
    const { code, stdout } = await runCommand(['diff', `${dataDir}/a.xml`, `${dataDir}/c.xml`], { dataDir });
    expect([code, stdout]).toEqual([3, expect.stringContaining(`${port}/tcp`)]);
  });
});

describe('portfleet import', () => {
  it('keeps a scan from a file, so that list and show work on it', async () => {
    const dataDir = tempDir();
    await using listener = await openPort();
    await scanToFile([listener.port], `${dataDir}/scan.xml`, dataDir);
    const other = tempDir();
    const { stdout } = await runCommand(['import', `${dataDir}/scan.xml`], { dataDir: other });
    const id = /scan (\w{26})/.exec(stdout)?.[1] ?? '';
    const shown = await runCommand(['show', id, '--format', 'jsonl'], { dataDir: other });
    expect(JSON.parse(shown.stdout)).toMatchObject({ ip: '127.0.0.1', port: listener.port, state: 'open' });
    expect((await runCommand(['list'], { dataDir: other })).stdout).toContain(id);
  });

  it('says where a file is no nmap XML', async () => {
    const dataDir = tempDir();
    writeFileSync(`${dataDir}/no.xml`, '<html></html>');
    const { code, stderr } = await runCommand(['import', `${dataDir}/no.xml`], { dataDir });
    expect([code, stderr]).toEqual([2, expect.stringContaining('no.xml')]);
  });
});

describe('portfleet scan --expect', () => {
  it('exits 3 and names what is open and was not expected', async () => {
    const dataDir = tempDir();
    await using listener = await openPort();
    const words = ['scan', '127.0.0.1', '-p', `${listener.port}`, '--quiet', '--expect'];
    expect((await runCommand([...words, `${listener.port}`], { dataDir })).code).toBe(0);
    const { code, stderr } = await runCommand([...words, '22'], { dataDir });
    expect([code, stderr]).toEqual([3, expect.stringContaining(`${listener.port}/tcp`)]);
  });

  it('reads the ports of each target from a file, and with --expect-exact names what is missing', async () => {
    const dataDir = tempDir();
    await using listener = await openPort();
    const closed = await closedPort();
    const file = `${dataDir}/expected.yaml`;
    writeFileSync(file, `targets:\n  127.0.0.1: "${listener.port},${closed}"\n`);
    const words = ['scan', '127.0.0.1', '-p', `${listener.port},${closed}`, '--quiet', '--expect', file];
    expect((await runCommand(words, { dataDir })).code).toBe(0);
    const exact = await runCommand([...words, '--expect-exact'], { dataDir });
    expect([exact.code, exact.stderr]).toEqual([3, expect.stringContaining(`${closed}/tcp`)]);
  });
});

describe('report files', () => {
  it('are written in every format of -oA beside what is printed, and a bad path is told', async () => {
    const dataDir = tempDir();
    const words = ['scan', '127.0.0.1', '-p', `${await closedPort()}`, '--quiet'];
    const { code, stdout } = await runCommand([...words, '-oA', `${dataDir}/out`], { dataDir });
    expect([code, stdout]).toEqual([0, expect.stringContaining('Scanning completed')]);
    const imported = await runCommand(['import', `${dataDir}/out.xml`], { dataDir });
    expect(imported.code).toBe(0);
    const bad = await runCommand([...words, '-oJ', `${dataDir}/none/out.json`], { dataDir });
    expect([bad.code, bad.stderr]).toEqual([1, expect.stringContaining('none/out.json')]);
  });
});
