import type { Finding } from '../../domain/finding.ts';
import type { PortSet } from '../../domain/port-set.ts';
import { PROTOCOLS, type Protocol } from '../../domain/probe.ts';
import type { HostReport } from '../../domain/report.ts';
import type { PortNumber } from '../../domain/units.ts';
import type { Verdict } from '../../domain/verdict.ts';

/** What one scan knows of some neighbouring ports: one verdict, and the finding where it is one open port. */
export interface KnownPorts {
  readonly verdict: Verdict;
  readonly finding: Finding | null;
}

/** Neighbouring ports as two scans saw them; undefined for the scan that did not plan them. */
export interface PortPair {
  readonly protocol: Protocol;
  readonly first: PortNumber;
  readonly last: PortNumber;
  readonly before: KnownPorts | undefined;
  readonly after: KnownPorts | undefined;
}

/** A host with the ports that its scan planned. */
export interface PlannedHost {
  readonly host: HostReport;
  readonly planned: PortSet;
}

interface Segment extends KnownPorts {
  readonly first: PortNumber;
  readonly last: PortNumber;
}

/** The ports that either scan planned, in order; a whole host of one verdict is one step, not 65,536. */
export function* portPairs(
  before: PlannedHost | undefined,
  after: PlannedHost | undefined,
): Generator<PortPair, void, void> {
  for (const protocol of PROTOCOLS) {
    const [lefts, rights] = [segments(before, protocol), segments(after, protocol)];
    let [left, right] = [next(lefts), next(rights)];
    while (left || right) {
      const first = Math.min(left?.first ?? Infinity, right?.first ?? Infinity) as PortNumber;
      const [here, there] = [left?.first === first ? left : undefined, right?.first === first ? right : undefined];
      const last = Math.min(endOf(left, here), endOf(right, there)) as PortNumber;
      yield { protocol, first, last, before: here, after: there };
      if (left && here) left = rest(left, last) ?? next(lefts);
      if (right && there) right = rest(right, last) ?? next(rights);
    }
  }
}

/** How far the pair may reach: to the end of a segment that takes part, or to the beginning of one that does not yet. */
const endOf = (segment: Segment | undefined, here: Segment | undefined): number =>
  here ? here.last : segment ? segment.first - 1 : Infinity;

const rest = (segment: Segment, taken: PortNumber): Segment | undefined =>
  taken < segment.last ? { ...segment, first: (taken + 1) as PortNumber } : undefined;

/** The planned ports of one protocol, cut where the verdict changes; an open port is a segment of its own. */
function* segments(side: PlannedHost | undefined, protocol: Protocol): Generator<Segment, void, void> {
  if (!side) return;
  const findings = side.host.findings.filter((each) => each.protocol === protocol);
  const runs = side.host.runs.filter((each) => each.protocol === protocol);
  let [finding, run] = [0, 0];
  for (const [first, last] of side.planned[protocol]) {
    for (let port = first; port <= last; ) {
      while ((runs[run]?.last ?? Infinity) < port) run++;
      const open = findings[finding];
      if (open?.port === port) {
        finding++;
        yield { first: port, last: port, verdict: `${open.state}/${open.reason}` as Verdict, finding: open };
        port = (port + 1) as PortNumber;
        continue;
      }
      const end = Math.min(last, (open?.port ?? Infinity) - 1, runs[run]?.last ?? Infinity) as PortNumber;
      yield { first: port, last: end, verdict: runs[run]?.verdict ?? 'pending', finding: null };
      port = (end + 1) as PortNumber;
    }
  }
}

function next<Value>(values: Generator<Value, void, void>): Value | undefined {
  const { done, value } = values.next();
  return done ? undefined : value;
}
