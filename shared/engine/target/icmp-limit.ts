import type { TimingName } from '../../domain/timing-template.ts';
import { type Millis, millis, type PortNumber } from '../../domain/units.ts';

/**
 * Many hosts hold back the ICMP errors that mean `closed`: Linux sends one peer six at once and then one a second
 * (icmp_ratelimit; over IPv6 up to sixteen), so the seventh closed port of a scan looks as silent as a firewall. How fast
 * a target does answer is found by probing ever faster until it does not:
 *
 *                   answered: the gap shrinks by a tenth
 *                  ┌─────┐
 *                  │     ▼
 *                 following ◀──────────┐
 *                     │                │ answered
 *           held back,│                │
 *         + a half    ▼                │
 *                  waiting ────────────┘
 *                  │  │  ▲
 *                  │  └──┘ held back again: the gap doubles
 *                  ▼
 *               exhausted: no answer for so long that none is to be expected
 *
 * Nothing is wasted by probing too late: an answer that was due is still to be had at the next round. Probing too early
 * costs the attempt.
 */
export interface IcmpRateLimit {
  /** How long to leave between the beginnings of two rounds of probes. */
  gap(): Millis;
  /** Every probe of the round could be answered: the next round may come sooner. */
  speedUp(): void;
  /** Not even the control probe was answered: wait longer, unless `some` other answer came. */
  heldBack(at: Millis, some: boolean): void;
  /** The answers of a round: ports that turned out closed though the sweep found them silent, and the control probe. */
  heard(answers: { readonly lateClosed: number; readonly control: boolean }, at: Millis): void;
  /** A port of the target that is closed: a control probe of it shows whether the target answers. */
  closed(port: PortNumber): void;
  /** Such a port, each time another one; undefined when none is known. */
  controlPort(): PortNumber | undefined;
  /** There is such a port. */
  hasControlPort(): boolean;
  /** Time that was spent waiting for held back answers; the template says how much of it there is. */
  spend(time: Millis): void;
  /** So much was spent by earlier deliveries: a worker that begins does not begin the patience again. */
  spentAtLeast(time: Millis): void;
  /** How much of that time there still is. */
  patienceLeft(): Millis;
  /** The target stopped answering, or the template's patience is at its end. */
  exhausted(): boolean;
  /** What is silent now may as well be closed: the target holds answers back, or stopped answering. */
  isUncertain(): boolean;
  /** Answers a second, once it is clear that the target holds some back; null as long as it isn't. */
  limit(): number | null;
}

/** How long one target is waited for because it holds answers back. */
export const PATIENCE = {
  /** These send less often than once a second: no limit is ever met. */
  T0: millis(0),
  T1: millis(0),
  T2: millis(3_600_000),
  /** At Linux's one answer a second, 600 closed ports: four times the ports that are probed when none are named. */
  T3: millis(600_000),
  /** Those ports once, with some to spare. */
  T4: millis(180_000),
  /** What is worth knowing soon; the rest stays unsure. */
  T5: millis(10_000),
} as const satisfies Record<TimingName, Millis>;

const SHRINK = 0.9;
const GROW = 1.5;
const GROW_AGAIN = 2;
/** The gap grows from a fifth of the shortest timeout: five failures until it is Linux's second, once for each target. */
const LEAST_GAP = 20;
/** Probing so seldom is no burden, whatever the limit. */
const MOST_GAP = 3_000;
/** No limit in use is slower than one answer in ten seconds. */
const GONE_AFTER = 12_000;
/** One control probe may be lost; not two in a row. */
const UNANSWERED = 2;
const CONTROL_PORTS = 8;

export function makeIcmpRateLimit(patience: Millis): IcmpRateLimit {
  const gap = makeGap();
  const gauge = makeGauge();
  const controlPorts: PortNumber[] = [];
  let chosen = 0;
  let spent = 0;
  return {
    gap: gap.now,
    speedUp: gap.speedUp,
    heldBack(at, some) {
      gauge.heldBack(at);
      if (some) gap.stay();
      else gap.slowDown(at);
    },
    heard: gauge.heard,
    closed(port) {
      gauge.closed();
      if (controlPorts.length < CONTROL_PORTS) controlPorts.push(port);
    },
    controlPort() {
      chosen += 1;
      return controlPorts[chosen % Math.max(1, controlPorts.length)];
    },
    spend(time) {
      spent += time;
    },
    spentAtLeast(time) {
      spent = Math.max(spent, time);
    },
    patienceLeft: () => millis(Math.max(0, patience - spent)),
    hasControlPort: () => controlPorts.length > 0,
    isUncertain: () => gauge.limit() !== null || gap.failures() >= UNANSWERED,
    exhausted: () => spent >= patience || gap.failingFor() >= GONE_AFTER,
    limit: gauge.limit,
  };
}

/** The gap between two rounds, and the failures in a row that made it grow. */
function makeGap() {
  let gap = 0;
  let failures = 0;
  let since = 0;
  let failingFor = 0;
  const stay = (): void => {
    failures = 0;
    failingFor = 0;
  };
  return {
    now: (): Millis => millis(gap),
    stay,
    speedUp(): void {
      stay();
      gap *= SHRINK;
    },
    slowDown(at: Millis): void {
      if (failures === 0) since = at;
      failures += 1;
      failingFor = at - since;
      gap = Math.min(MOST_GAP, Math.max(LEAST_GAP, gap) * (failures === 1 ? GROW : GROW_AGAIN));
    },
    failures: (): number => failures,
    failingFor: (): number => failingFor,
  };
}

/** Whether answers are held back at all, and how many a second are not. */
function makeGauge() {
  let closedInSweep = 0;
  let lateClosed = 0;
  let answers = 0;
  /** The moment from which on every answer is counted: there was none to be had. */
  let emptyAt: Millis | null = null;
  let lastAt = 0;
  // Where packets are merely lost, at a share p of the probes, two attempts leave p² of the closed ports silent for each 1 − p²
  // that answered: one for four only when half of all probes are lost. So many more than that were held back.
  const isHeldBack = (): boolean => lateClosed >= 2 && lateClosed > closedInSweep / 4;
  return {
    closed(): void {
      closedInSweep += 1;
    },
    heldBack(at: Millis): void {
      emptyAt ??= at;
    },
    heard(heard: { readonly lateClosed: number; readonly control: boolean }, at: Millis): void {
      lateClosed += heard.lateClosed;
      if (emptyAt === null) return;
      answers += heard.lateClosed + (heard.control ? 1 : 0);
      lastAt = at;
    },
    limit: (): number | null =>
      isHeldBack() && emptyAt !== null && lastAt > emptyAt ? (answers * 1_000) / (lastAt - emptyAt) : null,
  };
}
