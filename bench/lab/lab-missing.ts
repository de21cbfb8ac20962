import { accessSync, constants } from 'node:fs';
import { delimiter } from 'node:path';

const NEEDED = { ip: 'iproute2', nft: 'nftables', nsenter: 'util-linux', gcc: 'gcc' };

/** The one line that says what the lab lacks on this machine, or undefined when it can run. */
export function labMissing(): string | undefined {
  if (process.platform !== 'linux') return 'the lab needs Linux network namespaces';
  if (process.getuid?.() !== 0) return 'the lab needs root, to make a network namespace';
  if (!usable('/dev/net/tun', constants.R_OK | constants.W_OK)) return 'the lab needs /dev/net/tun';
  const packages = Object.entries(NEEDED).filter(([command]) => !onPath(command));
  return packages.length === 0 ? undefined : `the lab needs ${packages.map(([, name]) => name).join(', ')} installed`;
}

/** Where a command is, after PATH, or undefined. */
export function onPath(command: string, path = `${process.env['PATH']}`): string | undefined {
  return path
    .split(delimiter)
    .map((folder) => `${folder}/${command}`)
    .find((file) => usable(file, constants.X_OK));
}

function usable(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
