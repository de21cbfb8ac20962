import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { bytesOfLatin1 } from '../../shared/domain/bytes.ts';
import type { Matcher } from '../../shared/identify/protocols/kit/matcher.ts';
import type { Answer } from '../fixtures/answer.ts';
import { tempDir } from '../helpers/temp-dir.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SCRIPT = join(ROOT, 'scripts/new-protocol.mjs');

/** The parts of the program that a new protocol touches, in a folder of their own. */
function copyOfProgram(): string {
  const copy = tempDir();
  for (const part of ['shared', 'test/fixtures', 'package.json', 'biome.json', 'tsconfig.json', '.gitignore']) {
    cpSync(join(ROOT, part), join(copy, part), { recursive: true });
  }
  return copy;
}

const load = <T>(copy: string, path: string): Promise<T> => import(pathToFileURL(join(copy, path)).href);

describe('npm run new:protocol', () => {
  it('makes a matcher and its fixture that fit each other, listed before http, and formatted', async () => {
    const copy = copyOfProgram();
    execFileSync(process.execPath, [SCRIPT, 'gopher-plus'], { cwd: copy });
    const { MATCHERS } = await load<{ MATCHERS: readonly Matcher[] }>(copy, 'shared/identify/protocols/all.ts');
    const { answers } = await load<{ answers: readonly Answer[] }>(copy, 'test/fixtures/answers/gopher-plus.ts');
    const names = MATCHERS.map(({ name }) => name);
    expect(names.indexOf('gopher-plus')).toBe(names.indexOf('http') - 1);
    const matcher = MATCHERS.find(({ name }) => name === 'gopher-plus');
    for (const { text, asked, is } of answers) {
      expect(matcher?.match({ bytes: bytesOfLatin1(text), text, asked, sent: '', at: 0, tls: null })).toEqual(is);
    }
    const made = ['shared/identify/protocols/gopher-plus.ts', 'test/fixtures/answers/gopher-plus.ts'];
    const biome = join(ROOT, 'node_modules/.bin/biome');
    const options = ['check', '--vcs-enabled=false', ...made, 'shared/identify/protocols/all.ts'];
    const checked = spawnSync(biome, options, { cwd: copy, encoding: 'utf8' });
    expect(checked.stderr + checked.stdout).not.toMatch(/error/i);
    expect(checked.status).toBe(0);
  });

  it('refuses a name that is no file name, and one that is taken, and changes nothing', () => {
    const copy = copyOfProgram();
    const all = join(copy, 'shared/identify/protocols/all.ts');
    const before = readFileSync(all, 'utf8');
    const run = (name: string) => spawnSync(process.execPath, [SCRIPT, name], { cwd: copy, encoding: 'utf8' });
    expect(run('../Evil')).toMatchObject({ status: 2, stderr: expect.stringContaining('lower case') });
    expect(run('redis')).toMatchObject({ status: 1, stderr: expect.stringContaining('exists already') });
    expect(readFileSync(all, 'utf8')).toBe(before);
  });
});
