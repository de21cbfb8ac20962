import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { nameServer, pointerName } from '../helpers/dns-server.ts';
import { openPort } from '../helpers/ports.ts';
import { httpProxy } from '../helpers/proxy-server.ts';
import { tempDir } from '../helpers/temp-dir.ts';

const COMMAND = fileURLToPath(new URL('../../dist/portfleet.mjs', import.meta.url));
const TERMINAL = fileURLToPath(new URL('../helpers/run-in-terminal.py', import.meta.url));

/** Runs the command at a pseudo terminal of its own; standard output and standard error are both on it. */
async function atTerminal(words: readonly string[], columns: number, env: Readonly<Record<string, string>>) {
  const dataDir = tempDir();
  const child = spawn('python3', [TERMINAL, String(columns), process.execPath, COMMAND, ...words], {
    env: { PATH: process.env['PATH'] ?? '', HOME: dataDir, TZ: 'UTC', PORTFLEET_DATA_DIR: dataDir, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  const [code] = (await once(child, 'close')) as [number];
  return { code, printed };
}

const XTERM = { TERM: 'xterm-256color', COLORTERM: 'truecolor' };

/** Slow enough for a progress line, which is where most escapes come from. */
const SCAN = ['127.0.0.1', '-p', '1-400', '--rate', '200', '-v'];

const ESCAPE = /\u001b(?:\[[0-9;?]*[@-~])?/g;
const escapesIn = (text: string): string[] => [...text.matchAll(ESCAPE)].map(([found]) => found);
const paints = (sequence: string): boolean => sequence.endsWith('m');

/** What stands in the lines of the terminal, as each was written: a carriage return begins one anew. */
const linesOf = (text: string): string[] => text.replace(ESCAPE, '').split(/[\r\n]+/);

describe('At a terminal', () => {
  it('text is painted and lines move, unless the terminal cannot, or is not to be', async () => {
    await using listener = await openPort();
    const words = [...SCAN, '-p', `${listener.port}`];
    const [full, plain, dumb] = await Promise.all([
      atTerminal(words, 80, XTERM),
      atTerminal(words, 80, { ...XTERM, NO_COLOR: '1' }),
      atTerminal(words, 80, { ...XTERM, TERM: 'dumb' }),
    ]);
    for (const { code, printed } of [full, plain, dumb]) {
      expect([code, printed]).toEqual([0, expect.stringContaining(`${listener.port}/tcp`)]);
    }
    expect(escapesIn(full.printed).some(paints)).toBe(true);
    expect(escapesIn(plain.printed).some(paints)).toBe(false);
    expect(escapesIn(plain.printed).length).toBeGreaterThan(0);
    expect(escapesIn(dumb.printed)).toEqual([]);
  });

  it.each([40, 80])('of %i columns no line is longer, whatever a name or a proxy says', async (columns) => {
    const address = '127.0.77.3';
    const name = `${'long-label.'.repeat(9)}test`;
    await using dns = await nameServer({ [pointerName(address)]: [name, 'b.test'] });
    await using proxy = await httpProxy({ answer: (port) => (port < 10 ? 503 : 403) });
    await using listener = await openPort((socket) => socket.write('SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n'));
    const named = ['-R', '--dns-servers', dns.server];
    const url = `http://me:word@127.0.0.1:${proxy.port}`;
    const [direct, proxied] = await Promise.all([
      atTerminal([address, '-p', `1-30,${listener.port}`, ...named], columns, XTERM),
      atTerminal([address, '-p', '1-30', ...named, '--proxy', url], columns, XTERM),
    ]);
    for (const { code, printed } of [direct, proxied]) {
      expect([code, linesOf(printed).filter((line) => line.length > columns && !line.includes(name))]).toEqual([0, []]);
    }
    expect(direct.printed.replace(/\s+/g, '')).toContain(`${name}(${address})`);
    expect(proxied.printed).toContain('proxy-prohibited');
  });
});
