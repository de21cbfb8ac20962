import { latin1 } from '../domain/bytes.ts';
import type { Finding } from '../domain/finding.ts';
import { type Address, type Millis, millis } from '../domain/units.ts';
import type { SocketBudget } from '../engine/socket-budget.ts';
import type { RateLimiter } from '../engine/target/rate-limiter.ts';
import type { Clock } from '../seams/clock.ts';
import type { Connector } from '../seams/connector.ts';
import { makeStop, type Stop, sleep } from '../seams/sleep.ts';
import { withHostKeys } from './host-keys.ts';
import { serviceOf, unknownService } from './service-of.ts';
import { identifyPort } from './session.ts';
import type { SessionDeps, SessionResult, SessionTarget } from './session-run.ts';

export interface IdentifyDeps {
  readonly connector: Connector;
  readonly clock: Clock;
  /** The same sockets that the sweep has. */
  readonly budget: SocketBudget;
  /** The rate at which probes may be sent to that address: a connection counts as a probe. */
  readonly rateLimiterOf: (address: Address) => RateLimiter;
  /** The name under which the scan knows that address, or null. */
  readonly nameOf: (address: Address) => string | null;
  readonly detect: SessionTarget['detect'];
  readonly onHeard?: SessionDeps['onHeard'];
  readonly signal: AbortSignal;
  readonly deadline: Millis | null;
  /** Called for each port when its session is over, with what it said, understood or not. */
  readonly onIdentified: (finding: Finding) => void;
}

/**
 * Sessions at once, at the most: a connection with TLS takes some 100 KB, and few sessions have more than one of them, so
 * all together take some 26 MB.
 */
const MOST_AT_ONCE = 256;

/** Attempts at a port that this machine has no socket for, and the pause between them: its peak may be over by then. */
const MOST_ATTEMPTS = 10;
const FAULT_PAUSE = millis(50);

/** What one port is identified with. */
type PassDeps = IdentifyDeps & { readonly stop: Stop };

/**
 * Service detection, the second pass over a chunk. Start reading here:
 *
 *   identifyServices   findings of open ports in, the same findings with services out; many sessions at once
 *   └ session          one port: connections, each with a question, until something is understood
 *     ├ take-steps     the next connection, when the one before has ended or its answer is late
 *     ├ steps          which connections and questions, in which order, and how long to wait
 *     ├ exchange       one connection: send, hear, TLS
 *     └ protocols/     one file a protocol: what to ask, and how to know its answer; `all.ts` lists them
 *
 * Asks the open TCP ports of the findings what they are. `cut-short` when the signal or the deadline came
 * first; the ports that were not asked by then are left as they are.
 */
export async function identifyServices(
  findings: readonly Finding[],
  deps: IdentifyDeps,
): Promise<'done' | 'cut-short'> {
  const stop = makeStop(deps);
  const queue = findings.values();
  let ending: 'done' | 'cut-short' = 'done';
  const work = async (): Promise<void> => {
    for (const finding of queue) {
      const identified = await identify(finding, { ...deps, stop });
      if (identified === 'cut-short') ending = identified;
      else deps.onIdentified(identified);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(findings.length, MOST_AT_ONCE) }, work));
  } finally {
    stop.forget();
  }
  return ending;
}

async function identify(finding: Finding, deps: PassDeps): Promise<Finding | 'cut-short'> {
  const target = targetOf(finding, deps);
  const limiter = deps.rateLimiterOf(finding.address);
  const sessionDeps = { ...deps, mayConnect: () => mayConnect(limiter, deps) };
  // A port has so many connections in all, however often this machine was at fault.
  let had = 0;
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    if (!(await takeSocket(deps))) return 'cut-short';
    const result = await withSocket(deps, () => identifyPort(target, sessionDeps, had));
    if (result.kind === 'identified') return await enriched(finding, result);
    if (result.kind === 'cut-short') return 'cut-short';
    had = result.connections;
    await sleep(deps.clock, FAULT_PAUSE, deps.stop.whenStopped);
  }
  return finding;
}

function targetOf(finding: Finding, { nameOf, detect }: IdentifyDeps): SessionTarget {
  const { address, rtt } = finding;
  const name = nameOf(address);
  const host = name ?? (address.includes(':') ? `[${address}]` : address);
  return { peer: finding, host, serverName: name, roundTrip: rtt, detect };
}

/** One socket for the whole session: a connection beside the first takes another where one is to spare. False when the time is up first. */
async function takeSocket({ budget, clock, stop }: PassDeps): Promise<boolean> {
  while (!stop.stopped) {
    if (budget.tryTake()) return true;
    await sleep(clock, null, budget.whenFree, stop.whenStopped);
  }
  return false;
}

/** Gives the socket back, whatever happens; one that the system refused shrinks the budget first. */
async function withSocket({ budget }: PassDeps, use: () => Promise<SessionResult>): Promise<SessionResult> {
  try {
    const result = await use();
    if (result.kind === 'local-fault' && result.cause === 'no-descriptor') budget.refused();
    return result;
  } finally {
    budget.give();
  }
}

async function mayConnect(limiter: RateLimiter, { clock, stop }: PassDeps): Promise<boolean> {
  while (!stop.stopped) {
    const now = clock.now();
    if (limiter.tryTake(now)) return true;
    await sleep(clock, limiter.wait(now), stop.whenStopped);
  }
  return false;
}

/** The finding with all that was found out; a port that was not understood keeps its name from the table. */
async function enriched(
  finding: Finding,
  { match, heard, asked, tls }: Extract<SessionResult, { kind: 'identified' }>,
): Promise<Finding> {
  const service =
    match === null
      ? unknownService(finding.service, heard, asked)
      : await withHostKeys(serviceOf(match), match.hostKeys);
  return { ...finding, service, banner: latin1(heard), ...(tls !== null && { tls }) };
}
