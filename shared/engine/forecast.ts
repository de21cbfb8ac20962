/** Ports that fare alike, as far as it decides how long they take. Times are milliseconds. */
export interface Outlook {
  /** Ports that were sent no probe yet, and the share of them that answers, if no packet of theirs is lost. */
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
  /** Probes that may be in flight; each that ends makes room for one more until losses are seen (see `CongestionWindow`). */
  readonly window: number;
  /** Null where none were seen. */
  readonly losses: Losses | null;
  /** Probes a second, at the most; infinite where nothing holds them. */
  readonly perSecond: number;
}

/** Packets are lost between us and the targets. */
export interface Losses {
  /** Of the probes that would be answered, how many are not. */
  readonly share: number;
  /** Windows that rise and fall each for itself, and the least that each falls to. */
  readonly targets: number;
  readonly floor: number;
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

/** Looked back on to see whether ports are sent at a steady pace, in timeouts: all of a port's attempts, twice. */
const steadyAfter = (sweeps: readonly Outlook[]): number =>
  2 * STEPS_PER_TIMEOUT * Math.max(...sweeps.map(({ attempts }) => attempts));
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
  const span = steadyAfter(sweeps);
  const paces: number[] = [];
  let now = 0;
  for (let steps = 1; ; steps++) {
    for (const sweep of sweeps) endDue(sweep, now);
    const sent = sendStep(sweeps, means, now, step);
    if (!sweeps.some(isUnderWay) || steps > 4 * MOST_STEPS) return now;
    paces.push(sent);
    now += step;
    if (steps % span === 0) now += skipAhead(sweeps, paces, { step, half: span / 2, isLate: steps >= MOST_STEPS });
  }
}

interface Sweep extends Outlook {
  unsent: number;
  waiting: number[];
  cohorts: Cohort[];
  held: number;
  window: number;
  /** Retries that were answered in this step: before each of them a probe was lost. */
  lossesSeen: number;
}

const hasWork = ({ unsent, waiting, inFlight }: Outlook): boolean =>
  unsent > 0 || inFlight.length > 0 || waiting.some((ports) => ports > 0);

const begin = (outlook: Outlook): Sweep => ({
  ...outlook,
  waiting: [...outlook.waiting],
  cohorts: [...outlook.inFlight],
  held: outlook.inFlight.reduce((sum, { ports }) => sum + ports, 0),
  lossesSeen: 0,
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
    grow(sweep, ports);
    if (left > 0) sweep.waiting[left] = (sweep.waiting[left] ?? 0) + ports;
  }
}

/** RFC 5681: where losses are seen, a window's worth of probes has to end before it is one larger. */
function grow(sweep: Sweep, ended: number): void {
  sweep.window += sweep.losses ? (ended * sweep.losses.targets) / Math.max(1, sweep.window) : ended;
}

/** And whatever is seen lost within a round trip halves the window of its target once, down to its floor. */
function shrink(sweep: Sweep): void {
  if (!sweep.losses || sweep.lossesSeen === 0) return;
  const { targets, floor } = sweep.losses;
  const hit = 1 - Math.exp(-sweep.lossesSeen / targets);
  const least = Math.max(floor * targets, Math.min(sweep.held, sweep.window) / 2);
  sweep.window -= hit * Math.max(0, sweep.window - least);
  sweep.lossesSeen = 0;
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
    const probes = sendRetries(sweep, allowed, now, step) + sendNew(sweep, allowed, now, step);
    shrink(sweep);
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

function sendRetries(sweep: Sweep, allowed: Allowed, now: number, step: number): number {
  let sent = 0;
  for (const [left, ports] of sweep.waiting.entries()) {
    const again = Math.min(ports ?? 0, allowed.slots, allowed.probes);
    if (!(again > 0)) continue;
    sweep.waiting[left] = ports - again;
    const answered = again * answeringRetry(sweep, left);
    sweep.lossesSeen += answered;
    const held = launch(sweep, { answered, silent: again - answered, left: left - 1 }, now, step);
    allowed.slots -= held;
    allowed.probes -= again;
    sent += again;
  }
  return sent;
}

/** The share of the ports that were silent so far, with so many attempts left, that answers the next: Bayes' rule. */
function answeringRetry({ answering, attempts, losses }: Outlook, left: number): number {
  const made = attempts - left;
  if (!losses || made === 0) return 0;
  const lost = answering * losses.share ** made;
  return lost === 0 ? 0 : (lost / (lost + 1 - answering)) * (1 - losses.share);
}

function sendNew(sweep: Sweep, allowed: Allowed, now: number, step: number): number {
  const { roundTrip, attempts, losses } = sweep;
  const answering = sweep.answering * (1 - (losses?.share ?? 0));
  const slotsOfOne = answering * Math.min(1, roundTrip / step) + (1 - answering);
  const ports = Math.min(sweep.unsent, allowed.probes, allowed.slots / Math.max(slotsOfOne, Number.EPSILON));
  if (!(ports > 0)) return 0;
  sweep.unsent -= ports;
  const answered = ports * answering;
  launch(sweep, { answered, silent: ports - answered, left: attempts - 1 }, now, step);
  return ports;
}

/** An answer that comes within the step has given its socket back by the end of it. Gives how many sockets it has not. */
function launch(
  sweep: Sweep,
  { answered, silent, left }: { readonly answered: number; readonly silent: number; readonly left: number },
  now: number,
  step: number,
): number {
  if (silent > 0) sweep.cohorts.push({ due: now + sweep.timeout, ports: silent, left });
  const steps = Math.floor(sweep.roundTrip / step);
  if (steps === 0) grow(sweep, answered);
  else if (answered > 0) {
    // What ends between two steps ends in part at either, so that it holds its sockets for as long.
    const late = answered * (sweep.roundTrip / step - steps);
    sweep.cohorts.push({ due: now + steps * step, ports: answered - late, left: 0 });
    sweep.cohorts.push({ due: now + (steps + 1) * step, ports: late, left: 0 });
  }
  const held = steps > 0 ? silent + answered : silent;
  sweep.held += held;
  return held;
}

/** At a steady pace, passes over all but the last steps; gives how much time that is. */
function skipAhead(
  sweeps: readonly Sweep[],
  paces: number[],
  { step, half, isLate }: { readonly step: number; readonly half: number; readonly isLate: boolean },
): number {
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
