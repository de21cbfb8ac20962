import type { ChangeTally, WatchChange } from '../domain/watch-alert.ts';

export const NO_CHANGES: ChangeTally = { worst: [], count: 0 };

/** Changes that a message names; what is beyond them is counted, and `portfleet watch show` has it. */
export const MOST_CHANGES = 50;

/** The lower, the worse: what broke, what opened, what runs out, what is merely news, what is well again. */
function severity({ after, isBack }: WatchChange): number {
  if (isBack) return 9;
  switch (after.kind) {
    case 'expectation':
      return after.state === 'unexpected' ? 0 : 1;
    case 'port':
      return after.state === 'open' ? 2 : 6;
    case 'certificate':
      return after.state === 'expired' || after.state === '1-day' ? 3 : 4;
    case 'host':
      return after.state === 'up' ? 5 : 7;
    case 'probing':
      return 8;
    default:
      return after satisfies never;
  }
}

/** Worst first; equals by host and subject, so that the order never depends on who judged first. */
const compareChanges = (a: WatchChange, b: WatchChange): number =>
  severity(a) - severity(b) || compare(a.host, b.host) || compare(a.subject, b.subject);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export const withChanges = ({ worst, count }: ChangeTally, changes: readonly WatchChange[]): ChangeTally => ({
  worst: [...worst, ...changes].sort(compareChanges).slice(0, MOST_CHANGES),
  count: count + changes.length,
});
