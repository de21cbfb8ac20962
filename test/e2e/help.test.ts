import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { COMMANDS, type CommandName, commandSpec } from '../../cli/options/command-table.ts';
import { optionSpec } from '../../cli/options/option-table.ts';
import { openPort } from '../helpers/ports.ts';
import { runCommand } from '../helpers/run-command.ts';
import { tempDir } from '../helpers/temp-dir.ts';

const isMissing = (shell: string): boolean => spawnSync(shell, ['--version']).error !== undefined;

const printed = new Map<string, Promise<string>>();

/** What the command prints, which is started once for each line of words. */
function print(...words: string[]): Promise<string> {
  const line = words.join(' ');
  const known = printed.get(line) ?? runCommand(words, { dataDir: tempDir() }).then(({ stdout }) => stdout);
  printed.set(line, known);
  return known;
}

describe('What the tables of commands and options are made into', () => {
  it('has every option of every command: help, manual page and completion', async () => {
    const [man, bash, zsh, fish] = [
      await print('man'),
      await print('completion', 'bash'),
      await print('completion', 'zsh'),
      await print('completion', 'fish'),
    ];
    const scanHelp = await print('scan', '--help');
    for (const name of Object.keys(COMMANDS) as CommandName[]) {
      for (const text of [man, bash, zsh, fish]) expect(text).toContain(name);
      for (const { long } of commandSpec(name).options.map(optionSpec)) {
        if (name === 'scan') expect(scanHelp).toContain(long);
        expect(man.replaceAll('\\-', '-')).toContain(long);
        for (const text of [bash, zsh]) expect(text).toContain(long);
        expect(fish).toContain(`-l ${long.slice(2)} `);
      }
    }
  });

  it('completes in a real bash: commands, options of the command, and values', async () => {
    const script = `${tempDir()}/completion.bash`;
    writeFileSync(script, await print('completion', 'bash'));
    const complete = (...words: string[]): string => {
      const line = `source ${script}; COMP_WORDS=(portfleet "$@"); COMP_CWORD=$#; _portfleet; echo "\${COMPREPLY[@]}"`;
      return execFileSync('bash', ['-c', line, 'bash', ...words], { encoding: 'utf8' }).trim();
    };
    expect(complete('can')).toBe('cancel');
    expect(complete('resume', '--fo')).toBe('--format');
    expect(complete('scan', '--format', 'js')).toBe('json jsonl');
  });

  it.each(['bash', 'zsh', 'fish'])('is read by a real %s without an error', async (shell) => {
    if (isMissing(shell)) return console.info(`${shell} is not installed here: its completion was not tried`);
    const script = `${tempDir()}/completion`;
    writeFileSync(script, await print('completion', shell));
    const { status, stderr } = spawnSync(shell, ['-n', script], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  });

  it('completes in a real fish, and is known to the completion of a real zsh', async () => {
    const script = `${tempDir()}/completion`;
    const run = (shell: string, ...words: string[]): string =>
      spawnSync(shell, words, { encoding: 'utf8', env: { ...process.env, HOME: tempDir() } }).stdout;
    writeFileSync(script, await print('completion', 'fish'));
    const fish = (line: string): string => run('fish', '--no-config', '-c', `source ${script}; complete -C "${line}"`);
    if (!isMissing('fish')) {
      expect(fish('portfleet can')).toMatch(/^cancel\t/);
      expect(fish('portfleet scan --format js')).toMatch(/^json\t.*\njsonl\t/);
      expect(fish('portfleet list --cha')).toMatch(/^--changes\t/);
    }
    writeFileSync(script, await print('completion', 'zsh'));
    const zsh = `autoload -Uz compinit; compinit -u -D; source ${script}; echo $_comps[portfleet]`;
    if (!isMissing('zsh')) expect(run('zsh', '-f', '-c', zsh)).toBe('_portfleet\n');
  });

  it('is no wider than 80 columns where there is no terminal', async () => {
    const help = await print('scan', '--help');
    for (const line of help.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });
});

describe('The way in', () => {
  it('scans without the word scan, and knows help and version as words', async () => {
    await using listener = await openPort();
    const scanned = await runCommand(['127.0.0.1', '-p', `${listener.port}`], { dataDir: tempDir() });
    expect([scanned.code, scanned.stdout]).toEqual([0, expect.stringContaining(`${listener.port}/tcp`)]);
    expect(await print('help')).toContain('Usage: portfleet [command]');
    expect(await print('help', 'list')).toBe(await print('list', '-h'));
    expect(await print('version')).toBe(await print('--version'));
  });
});

describe('Settings', () => {
  it('hold for a real scan, and are shown, or told where they are wrong', async () => {
    await using listener = await openPort();
    const dataDir = tempDir();
    mkdirSync(`${dataDir}/.config/portfleet`, { recursive: true });
    const file = `${dataDir}/.config/portfleet/config.yaml`;
    writeFileSync(file, `format: list\nprofiles:\n  one:\n    ports: ${listener.port}\n`);
    const scanned = await runCommand(['127.0.0.1', '--profile', 'one'], { dataDir });
    expect([scanned.code, scanned.stdout]).toEqual([0, `127.0.0.1:${listener.port}\n`]);
    const shown = await runCommand(['config'], { dataDir, env: { PORTFLEET_RATE: '9' } });
    expect(shown.stdout).toMatch(/^format +list +~\/\.config\/portfleet\/config\.yaml:1$/m);
    expect(shown.stdout).toMatch(/^rate +9 +PORTFLEET_RATE$/m);
    writeFileSync(file, '\ntiming: 9\n');
    const refused = await runCommand(['127.0.0.1'], { dataDir });
    expect([refused.code, refused.stdout]).toEqual([2, '']);
    expect(refused.stderr).toContain('--timing is set in ~/.config/portfleet/config.yaml:2.');
  });
});
