import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nameServer, pointerName } from '../helpers/dns-server.ts';
import { openPort } from '../helpers/ports.ts';
import { runCommand } from '../helpers/run-command.ts';
import { tempDir } from '../helpers/temp-dir.ts';

/** An address of this machine that its hosts file has no name for. */
const ADDRESS = '127.0.77.1';

describe('Reverse DNS', () => {
  it('gives an address its name in every format, stays with the scan, and asks the server that was named', async () => {
    await using dns = await nameServer({ [pointerName(ADDRESS)]: ['web.test', 'bad name.test'] });
    const dataDir = tempDir();
    const files = join(dataDir, 'report');
    const words = [ADDRESS, '-p', '1', '-R', '--dns-servers', dns.server, '-oA', files];
    const { code, stdout } = await runCommand(words, { dataDir });
    expect([code, stdout]).toEqual([0, expect.stringContaining(`scan report for web.test (${ADDRESS})`)]);
    // A resolver that waits for two seconds asks again: of a busy machine, that is.
    expect(new Set(dns.asked)).toEqual(new Set([pointerName(ADDRESS)]));
    const asked = dns.asked.length;
    expect(readFileSync(`${files}.xml`, 'utf8')).toContain(
      '<hostnames>\n<hostname name="web.test" type="PTR"/>\n</hostnames>',
    );
    expect(readFileSync(`${files}.gnmap`, 'utf8')).toContain(`Host: ${ADDRESS} (web.test)\tStatus: Up`);
    const { hosts } = JSON.parse(readFileSync(`${files}.json`, 'utf8')) as { hosts: unknown[] };
    expect(hosts).toMatchObject([{ address: ADDRESS, names: [], reverseNames: ['web.test'] }]);
    expect((await runCommand(['show', '@1'], { dataDir })).stdout).toContain(`web.test (${ADDRESS})`);
    expect(dns.asked).toHaveLength(asked);
  });

  it('is asked of no one with -n, nor of this machine without -R', async () => {
    await using dns = await nameServer({ [pointerName(ADDRESS)]: ['web.test'] });
    for (const names of [['-n'], []]) {
      const words = [ADDRESS, '-p', '1', ...names, '--dns-servers', dns.server];
      const { code, stdout } = await runCommand(words, { dataDir: tempDir() });
      expect([code, stdout]).toEqual([0, expect.stringContaining(`scan report for ${ADDRESS}\n`)]);
    }
    expect(dns.asked).toEqual([]);
  });

  it('leaves a target the name that the user wrote, which the same server resolves', async () => {
    await using listener = await openPort();
    await using dns = await nameServer({ 'mine.test': ['127.0.0.1'] });
    const words = ['mine.test', '-4', '-p', `${listener.port}`, '--dns-servers', dns.server, '--format', 'list'];
    const { code, stdout } = await runCommand(words, { dataDir: tempDir() });
    expect([code, stdout]).toEqual([0, `mine.test:${listener.port}\n`]);
  });

  it('says of a word that is no name server what one is', async () => {
    const words = ['127.0.0.1', '--dns-servers', 'ns.example,127.0.0.1:0', '--reverse-names', 'some'];
    const { code, stderr } = await runCommand(words, { dataDir: tempDir() });
    expect(code).toBe(2);
    expect(stderr).toContain('"ns.example" is no name server.');
    expect(stderr).toContain('"127.0.0.1:0" is no name server.');
    expect(stderr).toContain('--reverse-names cannot be "some".');
  });
});
