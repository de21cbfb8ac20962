import type { PortAt } from './port-set.ts';
import type { PortRun } from './report.ts';
import type { PortNumber } from './units.ts';
import type { Verdict } from './verdict.ts';

/** Puts ports that come one after the other into runs: neighbours with one verdict. */
export interface PortRuns {
  /**
   * One port, or those of its protocol up to `last`, of which there are `count`: all, where that is left out. The run that
   * begins with it; undefined where it joined the run before it.
   */
  add(port: PortAt, verdict: Verdict, last?: PortNumber, count?: number): PortRun | undefined;
  /** Something else stands here, an open port or another address: the next port begins a run. */
  end(): void;
}

export function makePortRuns(): PortRuns {
  let current: { -readonly [Field in keyof PortRun]: PortRun[Field] } | undefined;
  return {
    add({ protocol, port }, verdict, last = port, count = last - port + 1) {
      if (current?.protocol === protocol && current.verdict === verdict) {
        current.last = last;
        current.count += count;
        return undefined;
      }
      current = { protocol, first: port, last, count, verdict };
      return current;
    },
    end() {
      current = undefined;
    },
  };
}
