import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nameServer } from '../helpers/dns-server.ts';
import { closedPort, openPort } from '../helpers/ports.ts';
import { httpProxy, socksProxy } from '../helpers/proxy-server.ts';
import { runCommand } from '../helpers/run-command.ts';
import { tempDir } from '../helpers/temp-dir.ts';

const SSH = 'SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n';

describe('--proxy', () => {
  it.each([
    ['socks5', socksProxy, /tcp closed +\S+ +proxy-refused\n/],
    ['http', httpProxy, /tcp closed\|filtered +\S+ +proxy-error\n/],
  ] as const)(
    'of kind %s carries the scan and what -sV says, and its word is told as that',
    async (kind, make, closed) => {
      await using proxy = await make({ login: 'me:s3cret-word' });
      await using listener = await openPort((socket) => socket.write(SSH));
      const [port, dataDir] = [`${listener.port}`, tempDir()];
      const files = join(dataDir, 'report');
      const url = `${kind}://me:s3cret-word@127.0.0.1:${proxy.port}`;
      const words = ['127.0.0.1', '-p', `${port},${await closedPort()}`, '-sV', '--proxy', url, '-oA', files, '-vv'];
      const { code, stdout, stderr } = await runCommand(words, { dataDir });
      expect([code, stderr]).toEqual([0, expect.any(String)]);
      expect(stdout).toMatch(new RegExp(`${port}/tcp +open +ssh .*OpenSSH 9\\.2p1.*proxy-connected`));
      expect(stdout).toMatch(closed);
      expect(proxy.asked.every(({ to }) => to.startsWith('127.0.0.1:'))).toBe(true);
      expect(proxy.asked.filter(({ to }) => to === `127.0.0.1:${port}`).length).toBeGreaterThan(1);
      const shown = await runCommand(['show', '@1'], { dataDir });
      const written = readdirSync(dataDir)
        .filter((name) => name.startsWith('report.'))
        .map((name) => readFileSync(join(dataDir, name), 'utf8'));
      expect(written).toHaveLength(4);
      for (const text of [stdout, stderr, shown.stdout, ...written]) expect(text).not.toContain('s3cret-word');
      expect(written.join()).toContain(`--proxy ${kind}://…@127.0.0.1:${proxy.port}`);
    },
  );

  it('that is not there, or does not let us in, leaves every port unprobed', async () => {
    const url = `socks5://127.0.0.1:${await closedPort()}`;
    const { code, stdout } = await runCommand(['127.0.0.1', '-p', '1-3', '--proxy', url], { dataDir: tempDir() });
    expect(code).toBe(4);
    expect(stdout).toContain('Not probed: 1-3 (the proxy cannot be reached, or does not let us in)');
  });

  it('is resolved once, also by a server that was named, and may come from the environment', async () => {
    await using dns = await nameServer({ 'proxy.test': ['127.0.0.1'] });
    await using proxy = await socksProxy();
    await using listener = await openPort();
    const env = { PORTFLEET_PROXY: `socks5://me:s3cret-word@proxy.test:${proxy.port}` };
    const dataDir = tempDir();
    const words = ['127.0.0.1', '-p', `${listener.port}`, '--dns-servers', dns.server, '--format', 'list'];
    const { code, stdout } = await runCommand(words, { dataDir, env });
    expect([code, stdout, proxy.asked.length]).toEqual([0, `127.0.0.1:${listener.port}\n`, 1]);
    expect(new Set(dns.asked)).toEqual(new Set(['proxy.test']));
    const config = await runCommand(['config'], { dataDir, env });
    expect(config.stdout).toContain(`socks5://…@proxy.test:${proxy.port}`);
    expect(config.stdout).not.toContain('s3cret-word');
  });

  it('is for this machine, for TCP, and for ports that are named', async () => {
    const proxy = ['--proxy', 'socks5://127.0.0.1:1'];
    for (const [words, says] of [
      [['-p', 'U:53'], 'UDP ports cannot be probed through it'],
      [['-sn'], 'hosts cannot be looked for through it'],
      [['--endpoint', 'http://127.0.0.1:1'], '--proxy is for this machine'],
    ] as const) {
      const { code, stderr } = await runCommand(['127.0.0.1', ...proxy, ...words], { dataDir: tempDir() });
      expect([code, stderr]).toEqual([2, expect.stringContaining(says)]);
    }
  });
});
