/**
 * How often a silent port is tried. Two attempts where no packet was ever seen lost; where some were, as many as it takes
 * for the expected number of answering ports that we miss to fall under `MISSES_ACCEPTED`.
 */
export interface RetryPolicy {
  /** A port of the target answered the `attempt`-th attempt: the ones before it were lost. */
  answered(attempt: number): void;
  /** Another worker saw losses that call for so many attempts. More than needed only costs time, so they never fall again. */
  raise(attempts: number): void;
  /** A port that is known to answer did so at the `attempt`-th ping in a row. */
  pinged(attempt: number): void;
  /** The losses so far were of our making: they say nothing of the attempts to come. */
  forget(): void;
  /** Attempts that a silent port of this target deserves by now. */
  attemptsAllowed(): number;
  /** The share of lost probes that calls for as many, at a target with so many ports that answer; 0 for the least. */
  lossBehind(ports: number): number;
  /** Attempts that it will deserve when so many more ports have answered, and such a share of the probes was lost. */
  attemptsExpected(answers: number, lossShare: number): number;
  /** Probes seen lost so far, those of which it could be told, and the share. */
  lost(): number;
  told(): number;
  loss(): number;
}

/** One probe can be lost without a trace, so silence means nothing before the second. */
const LEAST_ATTEMPTS = 2;

/** Expected open or closed ports called filtered in one scan of the target: one in a thousand scans loses one. */
const MISSES_ACCEPTED = 0.001;

/** Losses of pings that are no chance any more. */
const PINGS_LOST = 2;

export function makeRetryPolicy(maxAttempts: number): RetryPolicy {
  let answeredPorts = 0;
  let attemptsAtAnswered = 0;
  let lost = 0;
  let allowed = Math.min(LEAST_ATTEMPTS, maxAttempts);

  // A port that answers is missed with probability loss^attempts; we know how many answer and, with the rule of
  // succession (add one lost and one received), what share of probes is lost: answered × loss^attempts ≤ MISSES_ACCEPTED.
  function attemptsFor(ports = answeredPorts, lostProbes = lost, probes = attemptsAtAnswered): number {
    const loss = (lostProbes + 1) / (probes + 2);
    return Math.ceil(Math.log(MISSES_ACCEPTED / Math.max(1, ports)) / Math.log(loss));
  }

  return {
    answered(attempt) {
      answeredPorts += 1;
      attemptsAtAnswered += attempt;
      if (attempt === 1) return;
      lost += attempt - 1;
      allowed = Math.min(maxAttempts, Math.max(allowed, attempt + 1, attemptsFor()));
    },
    pinged(attempt) {
      attemptsAtAnswered += attempt;
      lost += attempt - 1;
      // A single ping that comes late looks lost, and would double the attempts at a host that is silent by its nature.
      if (attempt > 1 && lost >= PINGS_LOST) allowed = Math.min(maxAttempts, Math.max(allowed, attemptsFor()));
    },
    forget() {
      attemptsAtAnswered = 0;
      lost = 0;
      allowed = Math.min(LEAST_ATTEMPTS, maxAttempts);
    },
    raise(attempts) {
      allowed = Math.min(maxAttempts, Math.max(allowed, attempts));
    },
    attemptsAllowed: () => allowed,
    lossBehind: (ports) => (allowed > LEAST_ATTEMPTS ? (MISSES_ACCEPTED / Math.max(1, ports)) ** (1 / allowed) : 0),
    attemptsExpected(answers, lossShare) {
      if (lost === 0) return allowed;
      const probes = answers / (1 - lossShare);
      const expected = attemptsFor(answeredPorts + answers, lost + probes * lossShare, attemptsAtAnswered + probes);
      return Math.min(maxAttempts, Math.max(allowed, expected));
    },
    lost: () => lost,
    told: () => attemptsAtAnswered,
    loss: () => (attemptsAtAnswered === 0 ? 0 : lost / attemptsAtAnswered),
  };
}
