import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCommand } from '../helpers/run-command.ts';
import { tempDir } from '../helpers/temp-dir.ts';
import { terminalEffects } from '../helpers/terminal.ts';

/** Functions that everything uses; a mistake of ours may be anywhere. */
const BREAKABLE = [
  'JSON.stringify',
  'Array.prototype.flatMap',
  'String.prototype.split',
  'Map.prototype.get',
  'Object.entries',
];

/** Makes the function throw where our own code calls it for the nth time. */
const sabotage = (name: string, nth: number): string => `
  const path = ${JSON.stringify(name)}.split('.');
  const owner = path.slice(0, -1).reduce((at, part) => at[part], globalThis);
  const whole = owner[path.at(-1)];
  let count = 0;
  owner[path.at(-1)] = function (...args) {
    if (process.env.PORTFLEET_DATA_DIR && /dist.(?:portfleet|parts)/.test(new Error().stack) && ++count === ${nth}) {
      throw new TypeError('broken \\u001b[2J on purpose');
    }
    return whole.apply(this, args);
  };
`;

describe('A mistake of ours', () => {
  it('is told in a sentence, and its stack is where that says, for its owner alone', async () => {
    const wrong: unknown[] = [];
    let unexpected = 0;
    const tries = BREAKABLE.flatMap((name) => [1, 7].map((nth) => ({ name, nth })));
    await Promise.all(
      tries.map(async ({ name, nth }) => {
        const dataDir = tempDir();
        const preload = join(dataDir, 'preload.mjs');
        writeFileSync(preload, sabotage(name, nth));
        const env = { NODE_OPTIONS: `--import=${preload}`, TMPDIR: dataDir };
        const { code, stdout, stderr } = await runCommand(['scan', '127.0.0.1', '-p', '1', '--quiet'], {
          dataDir,
          env,
        });
        const isBad = /^ +at /m.test(stderr + stdout) || terminalEffects(stderr + stdout).length > 0;
        if (isBad || code === null) wrong.push({ name, nth, code, stderr });
        const [, file] = /That should not happen: .*\n {2}The details are in (\S+\.txt)\./.exec(stderr) ?? [];
        if (file === undefined) return;
        unexpected += 1;
        const details = readFileSync(file, 'utf8');
        if (code !== 1 || !/^portfleet \d.*\n.*TypeError: broken .*\n +at /s.test(details))
          wrong.push({ name, nth, details });
        if ((statSync(file).mode & 0o777) !== 0o600) wrong.push({ name, nth, left: readdirSync(dataDir) });
      }),
    );
    expect(wrong).toEqual([]);
    expect(unexpected).toBeGreaterThan(0);
  });
});
