import { posix, win32 } from 'node:path';
import { errorValue, PortfleetError } from '../shared/domain/errors.ts';

/** What decides where the data lives. `flag` is the value of --data-dir. */
export interface DataDirHints {
  readonly flag: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** As `process.platform` names it. */
  readonly platform: string;
  /** Empty where this user has none. */
  readonly home: string;
}

/**
 * The directory of the store: what the user says, else where the platform keeps the data of a user's programs.
 * A blank variable counts as unset, and a relative XDG_DATA_HOME is ignored, as the XDG base directory specification
 * asks. A relative --data-dir or PORTFLEET_DATA_DIR stays relative to the working directory.
 *
 * @throws PortfleetError STORE_UNAVAILABLE for a user without a home who says nothing
 */
export function dataDir({ flag, env, platform, home }: DataDirHints): string {
  const said = flag || env['PORTFLEET_DATA_DIR'];
  if (said) return said;
  if (platform === 'win32') {
    return win32.join(env['LOCALAPPDATA'] || win32.join(home, 'AppData', 'Local'), 'portfleet');
  }
  const xdg = env['XDG_DATA_HOME'];
  if (xdg && posix.isAbsolute(xdg)) return posix.join(xdg, 'portfleet');
  if (home === '') {
    const hint = 'Name a directory with --data-dir, or set HOME.';
    throw new PortfleetError([errorValue('STORE_UNAVAILABLE', 'This user has no home directory.', { hint })]);
  }
  return platform === 'darwin'
    ? posix.join(home, 'Library', 'Application Support', 'portfleet')
    : posix.join(home, '.local', 'share', 'portfleet');
}

/** The one file of the store in that directory. */
export const STORE_FILE = 'portfleet.db';
