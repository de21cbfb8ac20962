import type { PortAt } from './port-set.ts';
import type { PortRun } from './report.ts';
import type { Verdict } from './verdict.ts';

/** Puts ports that are told of one after the other into runs: neighbours with one verdict. */
export interface PortRuns {
  /** The run that begins with this port; undefined where the port joined the run before it. */
  add(port: PortAt, verdict: Verdict): PortRun | undefined;
  /** Something else stands here, an open port or another address: the next port begins a run. */
  end(): void;
}

export function makePortRuns(): PortRuns {
  let current: { -readonly [Field in keyof PortRun]: PortRun[Field] } | undefined;
  return {
    add({ protocol, port }, verdict) {
      if (current?.protocol === protocol && current.verdict === verdict) {
        current.last = port;
        current.count += 1;
        return undefined;
      }
      current = { protocol, first: port, last: port, count: 1, verdict };
      return current;
    },
    end() {
      current = undefined;
    },
  };
}
