import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { tempDir } from '../helpers/temp-dir.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const fails = (command: string, ...args: string[]): boolean => spawnSync(command, args).status !== 0;

/** What it makes up as targets must reach no network: it runs in a namespace that has none, which takes root on Linux. */
const missing = fails('unshare', '-n', 'true')
  ? ' (skipped: needs a network namespace)'
  : fails('schemathesis', '--version')
    ? ' (skipped: needs schemathesis, pip install -r .ci/python-packages)'
    : '';

describe('The description of the API', () => {
  it.skipIf(missing !== '')(`is what the server does, for whatever schemathesis makes of it${missing}`, () => {
    const folder = tempDir();
    const words = [here('./schemathesis/run.sh'), process.execPath, here('../../dist/portfleet.mjs'), folder];
    const env = { ...process.env, HOME: folder, TZ: 'UTC' };
    const { status, stdout, stderr } = spawnSync('unshare', ['-n', 'bash', ...words], { encoding: 'utf8', env });
    expect(`${stdout}${stderr}`).toMatch(/Tested: 2\d/);
    // A server that was ended takes its token along.
    expect(readdirSync(folder).filter((name) => name.endsWith('.token'))).toEqual([]);
    expect(status === 0 ? '' : `${stdout.slice(-8_000)}${stderr}`).toBe('');
  });
});
