import type { Millis } from '../domain/units.ts';
import type { ChunkRun, ChunkTarget, InFlightProbe } from './chunk-run.ts';

/** Where one target stands. */
export interface Standing {
  readonly target: ChunkTarget;
  readonly roundTrip: Millis | null;
  readonly unsent: number;
  /** Ports that were silent so far, by the attempts made at them; those in flight are not among them. */
  readonly silent: readonly number[];
  readonly inFlight: readonly Flight[];
  /** Ports whose first attempt has ended, or will in all likelihood end in silence. */
  readonly tried: number;
  readonly answered: number;
}

/** Probes in flight that end at one moment, counted from now; `attempts`: made at their ports, null where they are answered. */
interface Flight {
  readonly due: number;
  readonly ports: number;
  readonly attempts: number | null;
}

export function flightsOf({ inFlight }: ChunkRun): Map<ChunkTarget, InFlightProbe[]> {
  const flights = new Map<ChunkTarget, InFlightProbe[]>();
  for (const probe of inFlight) {
    if (probe.offset < 0 || probe.isLate) continue;
    const ofTarget = flights.get(probe.target);
    if (ofTarget) ofTarget.push(probe);
    else flights.set(probe.target, [probe]);
  }
  return flights;
}

/** Answers take about as long as one another: a probe that waits for twice as long will hardly have one. */
const ROUND_TRIPS_WAITED = 2;

export function standingOf(run: ChunkRun, target: ChunkTarget, flights: readonly InFlightProbe[]): Standing {
  const now = run.deps.clock.now();
  const roundTrip = target.state.rtt.smoothed();
  const silent: number[] = [];
  let unsent = target.unpulled;
  const fellSilent = (offset: number): void => {
    const made = run.attempts[offset] ?? 0;
    if (made === 0) unsent += 1;
    else silent[made] = (silent[made] ?? 0) + 1;
  };
  target.waiting.forEach(fellSilent);
  target.exhausted.forEach(fellSilent);
  const likelySilent = (roundTrip ?? 0) * ROUND_TRIPS_WAITED;
  const inFlight = flights.map(({ attempt, deadline, sentAt }) => {
    const isSilent = attempt > 1 || now - sentAt > likelySilent;
    return { due: Math.max(0, deadline - now), ports: 1, attempts: isSilent ? attempt : null };
  });
  const { answered } = target;
  const tried = answered + sum(silent) + inFlight.filter(({ attempts }) => attempts !== null).length;
  return { target, roundTrip, unsent, silent, inFlight: joined(inFlight), tried, answered };
}

/** Probes that end within a hundredth of a second of each other are taken together. */
function joined(flights: readonly Flight[]): Flight[] {
  const joint = new Map<string, Flight>();
  for (const { due, ports, attempts } of flights) {
    const key = `${Math.ceil(due / 10)} ${attempts}`;
    joint.set(key, { due: Math.ceil(due / 10) * 10, attempts, ports: ports + (joint.get(key)?.ports ?? 0) });
  }
  return [...joint.values()];
}

/** Of a list with holes as well. */
export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
