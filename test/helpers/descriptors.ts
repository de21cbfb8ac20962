import { readdirSync, readlinkSync } from 'node:fs';

/** What each descriptor of this process is open on: "socket:[4711]". Linux tells. */
export function openDescriptors(): ReadonlySet<string> {
  const open = new Set<string>();
  for (const name of readdirSync('/proc/self/fd')) {
    try {
      open.add(readlinkSync(`/proc/self/fd/${name}`));
    } catch {
      // The one by which the folder was read is closed by now.
    }
  }
  return open;
}

/** How many sockets have been opened since, and are. What others close meanwhile does not count. */
export const socketsSince = (before: ReadonlySet<string>): number =>
  [...openDescriptors()].filter((each) => each.startsWith('socket:') && !before.has(each)).length;
