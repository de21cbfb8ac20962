import * as os from 'node:os';
import { isAbsolute } from 'node:path';

/**
 * The home directory of this user; empty where there is none. A HOME that is blank or relative counts as unset: a store
 * would be made wherever the command is started. A container may run as a user whom its system does not know, and then
 * Node throws.
 */
export function homeDirectory(system: Pick<typeof os, 'homedir' | 'userInfo'> = os): string {
  try {
    const home = system.homedir();
    return isAbsolute(home) ? home : system.userInfo().homedir;
  } catch {
    return '';
  }
}
