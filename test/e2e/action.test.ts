import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { openPort } from '../helpers/ports.ts';
import { tempDir } from '../helpers/temp-dir.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

interface Step {
  readonly name: string;
  readonly id?: string;
  readonly if?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly 'working-directory'?: string;
  readonly run: string;
}

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default?: string; readonly required?: boolean }>>;
  readonly runs: { readonly using: string; readonly steps: readonly Step[] };
}

const action: Action = parse(readFileSync(join(ROOT, 'action.yml'), 'utf8'));

/** Runs the steps as a runner of GitHub does: expressions put in, each script in a bash of its own. */
function runAction(given: Readonly<Record<string, string>>) {
  const workspace = tempDir();
  const files = Object.fromEntries(
    ['GITHUB_OUTPUT', 'GITHUB_STEP_SUMMARY'].map((name) => [name, join(workspace, name)]),
  );
  for (const file of Object.values(files)) writeFileSync(file, '');
  mkdirSync(join(workspace, 'tmp'));
  const fill = (text: string): string =>
    text.replace(/\$\{\{ ([\w.-]+) \}\}/g, (_, name: string) => {
      if (name === 'github.action_path') return ROOT.replace(/\/$/, '');
      const input = /^inputs\.([\w-]+)$/.exec(name)?.[1] ?? '';
      expect(Object.keys(action.inputs)).toContain(input);
      return given[input] ?? action.inputs[input]?.default ?? '';
    });
  const runner = { PATH: process.env['PATH'], HOME: workspace, GITHUB_ACTIONS: 'true', CI: 'true' };
  const codes: (number | null)[] = [];
  let printed = '';
  for (const step of action.runs.steps) {
    if (codes.some((code) => code !== 0) && step.if !== 'always()') continue;
    const env = Object.fromEntries(Object.entries(step.env ?? {}).map(([name, value]) => [name, fill(value)]));
    const result = spawnSync('bash', ['--noprofile', '--norc', '-e', '-o', 'pipefail', '-c', step.run], {
      cwd: fill(step['working-directory'] ?? workspace),
      env: { ...runner, ...files, RUNNER_TEMP: join(workspace, 'tmp'), ...env },
      encoding: 'utf8',
    });
    codes.push(result.status);
    printed += result.stdout + result.stderr;
  }
  const read = (name: string): string => readFileSync(join(workspace, name), 'utf8');
  return { codes, printed, workspace, read };
}

describe('The action for GitHub', () => {
  it('puts what a workflow gives it into variables, and never into a script', () => {
    expect(action.runs.using).toBe('composite');
    for (const { run } of action.runs.steps) expect(run).not.toContain('${{');
  });

  it('passes where all is as expected, with the reports, the summary and the exit code', async () => {
    await using listener = await openPort();
    const ran = runAction({ targets: '127.0.0.1', ports: `1,${listener.port}`, expect: `${listener.port}` });
    expect(ran.codes).toEqual([0, 0, 0]);
    expect(ran.printed).not.toContain('::');
    expect(ran.read('GITHUB_OUTPUT')).toBe('exit-code=0\n');
    expect(ran.read('GITHUB_STEP_SUMMARY')).toContain(`| ${listener.port}/tcp | open |`);
    for (const ending of ['txt', 'xml', 'gnmap', 'json', 'sarif', 'junit.xml'])
      expect(existsSync(join(ran.workspace, `open-ports.${ending}`)), ending).toBe(true);
  });

  it('fails where a port is open that is not expected, and says so beside the run', async () => {
    await using listener = await openPort();
    const targets = '127.0.0.1\n127.0.0.2"; touch hacked; "';
    const hostile = runAction({ targets, ports: '1', arguments: '$(touch hacked)' });
    expect([hostile.codes, existsSync(join(hostile.workspace, 'hacked'))]).toEqual([[0, 2, 0], false]);
    expect(hostile.read('GITHUB_STEP_SUMMARY')).toContain('the scan did not begin');
    const ran = runAction({
      targets: '127.0.0.1',
      ports: `${listener.port}`,
      expect: '1',
      arguments: '--expect-exact\n\n-T4\n',
      reports: 'mine',
    });
    expect(ran.codes).toEqual([0, 3, 0]);
    expect(ran.printed).toContain(
      `::error title=Port not as expected::unexpected: ${listener.port}/tcp is open on 127.0.0.1: `,
    );
    expect(ran.read('GITHUB_OUTPUT')).toBe('exit-code=3\n');
    expect(ran.read('mine.junit.xml')).toContain('failures="2"');
    expect(JSON.parse(ran.read('mine.sarif')).runs[0].results).toHaveLength(2);
  });
});
