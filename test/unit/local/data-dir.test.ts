import { describe, expect, it } from 'vitest';
import { type DataDirHints, dataDir } from '../../../local/data-dir.ts';

const hints = (more: Partial<DataDirHints>): DataDirHints => ({
  flag: undefined,
  env: {},
  platform: 'linux',
  home: '/home/ada',
  ...more,
});

describe('The data directory', () => {
  it('is what --data-dir says, before everything else', () => {
    const env = { PORTFLEET_DATA_DIR: '/from/env', XDG_DATA_HOME: '/xdg' };
    expect(dataDir(hints({ flag: '/from/flag', env }))).toBe('/from/flag');
  });

  it('is what PORTFLEET_DATA_DIR says, on every platform', () => {
    const env = { PORTFLEET_DATA_DIR: '/from/env', XDG_DATA_HOME: '/xdg', LOCALAPPDATA: 'C:\\Local' };
    for (const platform of ['linux', 'darwin', 'win32']) {
      expect(dataDir(hints({ env, platform }))).toBe('/from/env');
    }
  });

  it('is under XDG_DATA_HOME', () => {
    expect(dataDir(hints({ env: { XDG_DATA_HOME: '/xdg' } }))).toBe('/xdg/portfleet');
  });

  it('is the one of the platform where nothing is said', () => {
    expect(dataDir(hints({}))).toBe('/home/ada/.local/share/portfleet');
    expect(dataDir(hints({ platform: 'freebsd' }))).toBe('/home/ada/.local/share/portfleet');
    expect(dataDir(hints({ platform: 'darwin', home: '/Users/ada' }))).toBe(
      '/Users/ada/Library/Application Support/portfleet',
    );
    expect(dataDir(hints({ platform: 'win32', env: { LOCALAPPDATA: 'C:\\Users\\ada\\AppData\\Local' } }))).toBe(
      'C:\\Users\\ada\\AppData\\Local\\portfleet',
    );
    expect(dataDir(hints({ platform: 'win32', home: 'C:\\Users\\ada' }))).toBe(
      'C:\\Users\\ada\\AppData\\Local\\portfleet',
    );
  });

  it('takes blank for unset, and ignores a relative XDG_DATA_HOME', () => {
    const blank = { PORTFLEET_DATA_DIR: '', XDG_DATA_HOME: '' };
    expect(dataDir(hints({ flag: '', env: blank }))).toBe('/home/ada/.local/share/portfleet');
    expect(dataDir(hints({ env: { XDG_DATA_HOME: 'relative' } }))).toBe('/home/ada/.local/share/portfleet');
  });

  it('has to be named by a user without a home', () => {
    expect(() => dataDir(hints({ home: '' }))).toThrow('This user has no home directory.');
    expect(dataDir(hints({ home: '', flag: '/here' }))).toBe('/here');
    expect(dataDir(hints({ home: '', env: { XDG_DATA_HOME: '/xdg' } }))).toBe('/xdg/portfleet');
  });

  it('may be relative when the user says so', () => {
    expect(dataDir(hints({ flag: './scans' }))).toBe('./scans');
  });
});
