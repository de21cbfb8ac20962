import { posix, win32 } from 'node:path';

/** What decides where the data lives. `flag` is the value of --data-dir. */
export interface DataDirHints {
  readonly flag: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** As `process.platform` names it. */
  readonly platform: string;
  readonly home: string;
}

/**
 * The directory of the store: what the user says, else where the platform keeps the data of a user's programs.
 * A blank variable counts as unset, and a relative XDG_DATA_HOME is ignored, as the XDG base directory specification
 * asks. A relative --data-dir or PORTFLEET_DATA_DIR stays relative to the working directory.
 */
export function dataDir({ flag, env, platform, home }: DataDirHints): string {
  const said = flag || env['PORTFLEET_DATA_DIR'];
  if (said) return said;
  if (platform === 'win32') {
    return win32.join(env['LOCALAPPDATA'] || win32.join(home, 'AppData', 'Local'), 'portfleet');
  }
  const xdg = env['XDG_DATA_HOME'];
  if (xdg && posix.isAbsolute(xdg)) return posix.join(xdg, 'portfleet');
  return platform === 'darwin'
    ? posix.join(home, 'Library', 'Application Support', 'portfleet')
    : posix.join(home, '.local', 'share', 'portfleet');
}

/** The one file of the store in that directory. */
export const STORE_FILE = 'portfleet.db';
