import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { CliContext } from '../../../cli/context.ts';
import { optionSpec } from '../../../cli/options/option-table.ts';
import { readCommandLine } from '../../../cli/options/read-words.ts';
import { outputChannel } from '../../../cli/output/output-channel.ts';
import { applySettings, settingWords } from '../../../cli/settings/apply-settings.ts';
import { findSettings } from '../../../cli/settings/find-settings.ts';
import { keyOf, SETTING_NAMES, variableOf } from '../../../cli/settings/setting.ts';
import { expectInDocs } from '../../helpers/docs.ts';
import { tempDir } from '../../helpers/temp-dir.ts';

interface Set {
  readonly user?: string;
  readonly directory?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A user's home and working directory with these files. */
function contextWith({ user, directory, env = {} }: Set): CliContext {
  const home = tempDir();
  const working = join(home, 'work');
  mkdirSync(join(home, '.config/portfleet'), { recursive: true });
  mkdirSync(working);
  if (user !== undefined) writeFileSync(join(home, '.config/portfleet/config.yaml'), user);
  if (directory !== undefined) writeFileSync(join(working, 'portfleet.yaml'), directory);
  const nowhere = outputChannel({ write: () => true, on: () => {}, once: () => {}, off: () => {} }, {});
  const world = {
    stdin: () => Readable.from([]),
    stdout: nowhere,
    stderr: nowhere,
    platform: 'linux',
    workerModule: '',
  };
  return { ...world, env, home, directory: working, version: '0', words: [], settingWords: [], origins: new Map() };
}

/** The options of a command line, with what is set. */
async function optionsOf(words: string, set: Set): Promise<object> {
  const line = readCommandLine(words.split(' '));
  if (!line.ok) throw new Error(JSON.stringify(line.errors));
  const applied = await applySettings(line.value, contextWith(set));
  if (!applied.ok) throw new Error(JSON.stringify(applied.errors));
  // What a scan is stored with is read again by "resume", without the files.
  const again = readCommandLine([...words.split(' '), ...settingWords(applied.value.settings)]);
  const { profile, ...options } = applied.value.options;
  expect(again).toMatchObject({ ok: true, value: { options } });
  return options;
}

/** The errors of files, each as its place and its sentence. */
async function errorsOf(set: Set): Promise<string[]> {
  const { errors } = await findSettings({}, contextWith(set));
  return errors.map(({ detail, at, hint }) => `${at?.field ?? ''} ${detail} ${hint}`.trim());
}

describe('A value that is set', () => {
  const everywhere: Set = {
    user: 'timing: 1\nprofiles: { edge: { timing: 3 } }',
    directory: 'timing: 2\nprofiles: { edge: { timing: 4 } }',
    env: { PORTFLEET_TIMING: '5' },
  };

  it('is that of the strongest place: option, environment, profile, directory, user', async () => {
    expect(await optionsOf('a -T0 --profile edge', everywhere)).toMatchObject({ timing: '0' });
    expect(await optionsOf('a --profile edge', everywhere)).toMatchObject({ timing: '5' });
    expect(await optionsOf('a --profile edge', { ...everywhere, env: {} })).toMatchObject({ timing: '4' });
    expect(await optionsOf('a', { ...everywhere, env: { PORTFLEET_PROFILE: 'edge' } })).toMatchObject({ timing: '4' });
    expect(await optionsOf('a', { ...everywhere, env: {} })).toMatchObject({ timing: '2' });
    expect(await optionsOf('a', { user: 'timing: 1' })).toMatchObject({ timing: '1' });
    expect(await optionsOf('a --no-config', everywhere)).toMatchObject({ timing: '5' });
  });

  it('yields to a stronger word on what both decide', async () => {
    const set = { user: 'ports: "22"\ntcp: true\nworkers: 2\nformat: json' };
    expect(await optionsOf('a --top-ports 20 -sU', set)).toEqual({
      topPorts: '20',
      udp: true,
      workers: '2',
      format: 'json',
    });
    expect(await optionsOf('a --endpoint https://e -oX -', set)).toMatchObject({ ports: ['22'], outputXml: '-' });
    expect(await optionsOf('a --endpoint https://e -oX -', set)).not.toHaveProperty('format');
  });

  it('adds up where it leaves something out: no command line brings an excluded host back', async () => {
    const set = { user: 'exclude: [10.0.0.1, 10.0.0.2]', directory: 'exclude: 10.0.0.3' };
    const { exclude } = (await optionsOf('a --exclude 10.0.0.4', set)) as { exclude: string[] };
    expect([...exclude].sort()).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4']);
  });

  it('is taken back by "--no-…", or by a stronger "false"', async () => {
    expect(await optionsOf('a', { user: 'open: true' })).toEqual({ open: true });
    expect(await optionsOf('a --no-open', { user: 'open: true' })).toEqual({});
    expect(await optionsOf('a', { user: 'open: true', env: { PORTFLEET_OPEN: '0' } })).toEqual({});
  });

  it('changes no watch and no scan that goes on, only where they are', async () => {
    const set = { user: 'ports: "22"\nformat: json\ndata-dir: ~/scans' };
    for (const words of ['watch add a --every 1d', 'resume @1']) {
      expect(await optionsOf(words, set)).not.toHaveProperty('ports');
      expect(await optionsOf(words, set)).not.toHaveProperty('format');
      expect(await optionsOf(words, set)).toMatchObject({ dataDir: expect.stringMatching(/^\/.+\/scans$/) });
    }
  });
});

describe('A file of settings', () => {
  it('in the working directory may not say where scans go, what is run, read, written or deleted', async () => {
    const forbidden = ['endpoint', 'data-dir', 'prune-older', 'exclude-file'];
    const unknown = ['notify', 'input-list', 'output-all', 'expect', 'host', 'name'];
    for (const key of [...forbidden, ...unknown]) {
      expect(await errorsOf({ directory: `${key}: x` })).toEqual([expect.stringContaining('./portfleet.yaml:1: ')]);
      expect(await errorsOf({ directory: `profiles:\n  p:\n    ${key}: x` })).toEqual([
        expect.stringContaining('./portfleet.yaml:3: '),
      ]);
      expect((await errorsOf({ user: `${key}: x` })).length).toBe(forbidden.includes(key) ? 0 : 1);
    }
  });

  it('is told all of its errors at once, with file, line and the way out', async () => {
    const user = 'timing: [4]\ntming: 4\nopen: yes\nretries: &a 1\nsockets: *a\nprofiles:\n  edge: 7\n';
    expect(await errorsOf({ user })).toEqual([
      expect.stringMatching(/config\.yaml:1: "timing" cannot have that value\. Write one value\.$/),
      expect.stringMatching(/config\.yaml:2: There is no setting "tming"\. Did you mean "timing"\?$/),
      expect.stringMatching(/config\.yaml:3: "open" cannot have that value\. Write true or false\.$/),
      expect.stringMatching(/config\.yaml:5: "sockets" cannot have that value\./),
      expect.stringMatching(/config\.yaml:7: There are no settings here/),
    ]);
    expect(await errorsOf({ user: 'a: [' })).toEqual([expect.stringContaining('config.yaml:1: ')]);
    expect(await errorsOf({ user: '- a' })).toEqual([expect.stringContaining('config.yaml:1: ')]);
    expect(await errorsOf({ user: '[['.repeat(20_000) })).not.toEqual([]);
    expect(await errorsOf({ user: `#${'x'.repeat(70_000)}` })).toEqual([expect.stringContaining('larger than 65536')]);
    expect(await errorsOf({ user: '', directory: '# nothing\n' })).toEqual([]);
    expect(await errorsOf({ env: { PORTFLEET_OPEN: 'maybe', PORTFLEET_PORT: 'tcp://10.0.0.1:80' } })).toEqual([
      'PORTFLEET_OPEN= PORTFLEET_OPEN cannot be "maybe". Set it to 1 or 0.',
    ]);
    const profiles = contextWith({ user: 'profiles: { edge: {} }' });
    expect((await findSettings({ profile: 'edeg' }, profiles)).errors).toMatchObject([
      { detail: 'There is no profile "edeg".', hint: 'Did you mean "edge"?' },
    ]);
  });
});

describe('The settings there are', () => {
  it('stand in docs/command.md', () => {
    const row = (name: (typeof SETTING_NAMES)[number]): string => {
      const spec = optionSpec(name);
      const where = spec.setting === 'anywhere' ? 'anywhere' : 'not in `portfleet.yaml`';
      return `| \`${keyOf(name)}\` | \`${variableOf(spec)}\` | ${where} | ${spec.help.replaceAll('|', '\\|')} |`;
    };
    const head = '| setting | variable | may stand | meaning |\n|---|---|---|---|';
    expectInDocs('docs/command.md', 'settings', [head, ...SETTING_NAMES.map(row)].join('\n'));
  });
});
