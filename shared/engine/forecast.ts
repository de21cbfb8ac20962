/** Ports that fare alike, as far as it decides how long they take. Times are milliseconds. */
export interface Outlook {
  /** Ports that were sent no probe yet, and the share of them that answers the first. */
  readonly unsent: number;
  readonly answering: number;
  /** Ports that wait for another attempt: place `k` holds those that have `k` attempts left. */
  readonly waiting: readonly number[];
  readonly inFlight: readonly Cohort[];
  /** Attempts at a port that stays silent. */
  readonly attempts: number;
  /** How long an attempt waits in vain, and how long for an answer. */
  readonly timeout: number;
  readonly roundTrip: number;
  /** Probes that may be in flight, and whether each that ends makes room for one more. */
  readonly window: number;
  readonly isGrowing: boolean;
  /** Probes a second, at the most; infinite where nothing holds them. */
  readonly perSecond: number;
}

/** Probes in flight that end at one moment, counted from now; in silence, with so many attempts left, or answered. */
export interface Cohort {
  readonly due: number;
  readonly ports: number;
  readonly left: number;
}

/** What all of them share. */
export interface Means {
  readonly sockets: number;
  /** Milliseconds of a processor that a probe takes. */
  readonly cost: number;
}

/**
 * What opening, judging and closing one socket costs a worker with a CPU, where it was not measured yet: 35 µs on the
 * 2-core machine the bench ran on.
 */
export const COST_OF_A_PROBE = 0.035;

/** Steps within the shortest timeout: what ends within a step ends at its end, so a forecast is late by a step. */
const STEPS_PER_TIMEOUT = 8;

/** Looked back on to see whether ports are sent at a steady pace, in steps. */
const STEADY_AFTER = 4 * STEPS_PER_TIMEOUT;
const STEADY_WITHIN = 0.02;

/** What is not steady by then will never be, and its pace is taken for steady. */
const MOST_STEPS = 5_000;

/**
 * How long it takes until every port is settled: the engine's own rules, in steps of a fraction of a timeout, with numbers
 * of ports in place of ports. Retries go first; a probe holds a socket and a place in the window until it ends; each end
 * opens the window. Once the pace is steady, what is left is done at that pace, but for the last timeouts.
 */
export function forecast(outlooks: readonly Outlook[], means: Means): number {
  const sweeps = outlooks.filter(hasWork).map(begin);
  if (sweeps.length === 0) return 0;
  const step = Math.min(...outlooks.map(({ timeout }) => timeout)) / STEPS_PER_TIMEOUT;
  const paces: number[] = [];
  let now = 0;
  for (let steps = 1; ; steps++) {
    for (const sweep of sweeps) endDue(sweep, now);
    const sent = sendStep(sweeps, means, now, step);
    if (!sweeps.some(isUnderWay) || steps > 4 * MOST_STEPS) return now;
    paces.push(sent);
    now += step;
    if (steps % STEADY_AFTER === 0) now += skipAhead(sweeps, paces, step, steps >= MOST_STEPS);
  }
}

interface Sweep extends Outlook {
  unsent: number;
  waiting: number[];
  cohorts: Cohort[];
  held: number;
  window: number;
}

const hasWork = ({ unsent, waiting, inFlight }: Outlook): boolean =>
  unsent > 0 || inFlight.length > 0 || waiting.some((ports) => ports > 0);

const begin = (outlook: Outlook): Sweep => ({
  ...outlook,
  waiting: [...outlook.waiting],
  cohorts: [...outlook.inFlight],
  held: outlook.inFlight.reduce((sum, { ports }) => sum + ports, 0),
});

/** Less than half a port is a rounding error of the steps. */
const LEAST = 0.5;

const queued = ({ waiting }: Sweep): number => waiting.reduce((sum, ports) => sum + ports, 0);
const isUnderWay = (sweep: Sweep): boolean =>
  sweep.unsent >= LEAST || queued(sweep) >= LEAST || sweep.cohorts.some(({ ports }) => ports >= LEAST);

function endDue(sweep: Sweep, now: number): void {
  const due = sweep.cohorts.filter((cohort) => cohort.due <= now);
  if (due.length === 0) return;
  sweep.cohorts = sweep.cohorts.filter((cohort) => cohort.due > now);
  for (const { ports, left } of due) {
    sweep.held -= ports;
    if (sweep.isGrowing) sweep.window += ports;
    if (left > 0) sweep.waiting[left] = (sweep.waiting[left] ?? 0) + ports;
  }
}

/** Sends what a step has room for, of each in proportion to what it has left; gives how many ports were begun. */
function sendStep(sweeps: readonly Sweep[], { sockets, cost }: Means, now: number, step: number): number {
  let room = Math.max(0, sockets - sweeps.reduce((sum, { held }) => sum + held, 0));
  let work = cost > 0 ? step / cost : Number.POSITIVE_INFINITY;
  let wanted = sweeps.reduce((sum, sweep) => sum + sweep.unsent + queued(sweep), 0);
  let begun = 0;
  for (const sweep of sweeps) {
    const has = sweep.unsent + queued(sweep);
    const share = wanted > 0 ? has / wanted : 0;
    wanted -= has;
    const allowed = {
      slots: Math.min(room * share, Math.max(0, sweep.window - sweep.held)),
      probes: Math.min(work * share, (sweep.perSecond * step) / 1_000),
    };
    const before = { held: sweep.held, unsent: sweep.unsent };
    const probes = sendRetries(sweep, allowed, now) + sendNew(sweep, allowed, now, step);
    begun += before.unsent - sweep.unsent;
    room -= sweep.held - before.held;
    work -= probes;
  }
  return begun;
}

interface Allowed {
  slots: number;
  probes: number;
}

function sendRetries(sweep: Sweep, allowed: Allowed, now: number): number {
  let sent = 0;
  for (const [left, ports] of sweep.waiting.entries()) {
    const again = Math.min(ports ?? 0, allowed.slots, allowed.probes);
    if (!(again > 0)) continue;
    sweep.waiting[left] = ports - again;
    sweep.cohorts.push({ due: now + sweep.timeout, ports: again, left: left - 1 });
    sweep.held += again;
    allowed.slots -= again;
    allowed.probes -= again;
    sent += again;
  }
  return sent;
}

/** An answer that comes within the step has given its socket back by the end of it. */
function sendNew(sweep: Sweep, allowed: Allowed, now: number, step: number): number {
  const { answering, roundTrip, timeout, attempts } = sweep;
  const slotsOfOne = answering * Math.min(1, roundTrip / step) + (1 - answering);
  const ports = Math.min(sweep.unsent, allowed.probes, allowed.slots / Math.max(slotsOfOne, Number.EPSILON));
  if (!(ports > 0)) return 0;
  sweep.unsent -= ports;
  const [answered, silent] = [ports * answering, ports * (1 - answering)];
  if (silent > 0) sweep.cohorts.push({ due: now + timeout, ports: silent, left: attempts - 1 });
  sweep.held += silent;
  if (roundTrip < step) {
    if (sweep.isGrowing) sweep.window += answered;
  } else if (answered > 0) {
    sweep.cohorts.push({ due: now + roundTrip, ports: answered, left: 0 });
    sweep.held += answered;
  }
  return ports;
}

/** At a steady pace, passes over all but the last steps; gives how much time that is. */
function skipAhead(sweeps: readonly Sweep[], paces: number[], step: number, isLate: boolean): number {
  const half = STEADY_AFTER / 2;
  const sumOf = (from: number, to?: number): number => paces.slice(from, to).reduce((sum, begun) => sum + begun, 0);
  const [earlier, later] = [sumOf(-2 * half, -half), sumOf(-half)];
  if (later === 0 || (!isLate && Math.abs(later - earlier) > later * STEADY_WITHIN)) return 0;
  const unsent = sweeps.reduce((sum, sweep) => sum + sweep.unsent, 0);
  const steps = Math.floor(unsent / (later / half)) - half;
  if (steps <= 0) return 0;
  const kept = 1 - (steps * (later / half)) / unsent;
  for (const sweep of sweeps) {
    sweep.unsent *= kept;
    sweep.cohorts = sweep.cohorts.map((cohort) => ({ ...cohort, due: cohort.due + steps * step }));
  }
  return steps * step;
}
