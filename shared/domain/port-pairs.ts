import { type PlannedPort, plannedPorts } from './planned-ports.ts';
import type { PortAt, PortSet } from './port-set.ts';
import { PROTOCOLS } from './probe.ts';
import type { HostReport } from './report.ts';

/** A host as one scan saw it, with the ports that this scan planned. */
export interface HostSide {
  readonly host: HostReport;
  readonly planned: PortSet;
}

/** One port as two scans saw it; undefined for the one that never planned to ask it. */
export interface PortPair {
  readonly at: PortAt;
  readonly before: PlannedPort | undefined;
  readonly after: PlannedPort | undefined;
}

/** The ports that either scan planned, in order. */
export function* portPairs(before: HostSide, after: HostSide): Generator<PortPair, void, void> {
  const lefts = plannedPorts(before.host, before.planned);
  const rights = plannedPorts(after.host, after.planned);
  let [left, right] = [next(lefts), next(rights)];
  while (left || right) {
    const order = !right ? -1 : !left ? 1 : comparePlace(left, right);
    const pair = { before: order <= 0 ? left : undefined, after: order >= 0 ? right : undefined };
    const at = pair.before ?? pair.after;
    if (at) yield { at, ...pair };
    if (pair.before) left = next(lefts);
    if (pair.after) right = next(rights);
  }
}

function next(ports: Generator<PlannedPort, void, void>): PlannedPort | undefined {
  const { done, value } = ports.next();
  return done ? undefined : value;
}

const comparePlace = (a: PlannedPort, b: PlannedPort): number =>
  PROTOCOLS.indexOf(a.protocol) - PROTOCOLS.indexOf(b.protocol) || a.port - b.port;
