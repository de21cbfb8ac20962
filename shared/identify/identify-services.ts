import { latin1, utf8 } from '../domain/bytes.ts';
import type { Finding, Service } from '../domain/finding.ts';
import { type Address, type Millis, millis } from '../domain/units.ts';
import type { SocketBudget } from '../engine/socket-budget.ts';
import { makeStop, pause, type Stop } from '../engine/stop.ts';
import type { RateLimiter } from '../engine/target/rate-limiter.ts';
import type { Clock } from '../seams/clock.ts';
import type { Connector } from '../seams/connector.ts';
import type { Match } from './protocols/kit/matcher.ts';
import { interview } from './session.ts';
import type { SessionEnd, Subject } from './session-run.ts';

export interface IdentifyDeps {
  readonly connector: Connector;
  readonly clock: Clock;
  /** The same sockets that the sweep has. */
  readonly budget: SocketBudget;
  /** The pace at which that address may be asked: a line counts as an ask. */
  readonly paceOf: (address: Address) => RateLimiter;
  /** The name under which the scan knows that address, or null. */
  readonly nameOf: (address: Address) => string | null;
  readonly detect: Subject['detect'];
  readonly signal: AbortSignal;
  readonly deadline: Millis | null;
  /** Told of each port when it has been asked, with what it said, whether or not it was understood. */
  readonly onIdentified: (finding: Finding) => void;
}

/** Interviews at once, at the most: a TLS session takes some 100 KB, so all together take no more than 26 MB. */
const MOST_AT_ONCE = 256;

/** Goes at a port that this machine has no socket for, and the pause between them: its peak may be over by then. */
const MOST_FAULTS = 10;
const FAULT_PAUSE = millis(50);

/** What one port is asked with. */
type PassDeps = IdentifyDeps & { readonly stop: Stop };

/**
 * The second pass over a chunk: asks its open TCP ports what they are. `cut-short` when the signal or the deadline came
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
  const subject = subjectOf(finding, deps);
  const pace = deps.paceOf(finding.address);
  for (let errors = 0; errors < MOST_FAULTS; errors++) {
    if (!(await takeSocket(deps))) return 'cut-short';
    const learnt = await withSocket(deps, () => interview(subject, { ...deps, mayDial: () => mayDial(pace, deps) }));
    if (learnt.kind === 'learnt') return enriched(finding, learnt);
    if (learnt.kind === 'cut-short') return 'cut-short';
    await pause(FAULT_PAUSE, deps.clock, deps.stop);
  }
  return finding;
}

function subjectOf(finding: Finding, { nameOf, detect }: IdentifyDeps): Subject {
  const { address, rtt } = finding;
  const name = nameOf(address);
  const host = name ?? (address.includes(':') ? `[${address}]` : address);
  return { peer: finding, host, serverName: name, roundTrip: rtt, detect };
}

/** One socket for the whole interview: its lines follow one another. False when the time is up first. */
async function takeSocket({ budget, stop }: PassDeps): Promise<boolean> {
  while (!stop.stopped) {
    if (budget.tryTake()) return true;
    await new Promise<void>((resolve) => {
      const forget = stop.whenStopped(resolve);
      budget.whenFree(() => {
        forget();
        resolve();
      });
    });
  }
  return false;
}

/** Gives the socket back, whatever happens; one that the system refused shrinks the budget first. */
async function withSocket({ budget }: PassDeps, use: () => Promise<SessionEnd>): Promise<SessionEnd> {
  try {
    const learnt = await use();
    if (learnt.kind === 'local-fault' && learnt.cause === 'no-descriptor') budget.refused();
    return learnt;
  } finally {
    budget.give();
  }
}

async function mayDial(pace: RateLimiter, { clock, stop }: PassDeps): Promise<boolean> {
  while (!stop.stopped) {
    const now = clock.now();
    if (pace.tryTake(now)) return true;
    await pause(pace.wait(now), clock, stop);
  }
  return false;
}

/** The finding with all that was learnt; a port that was not understood keeps its name from the table. */
function enriched(finding: Finding, { match, heard, tls }: Extract<SessionEnd, { kind: 'learnt' }>): Finding {
  const service = match === null ? finding.service : serviceOf(match);
  return { ...finding, service, banner: latin1(heard), ...(tls !== null && { tls }) };
}

function serviceOf({ name, product, version, info, confidence }: Match): Service {
  const texts = Object.entries({ product, version, info }).flatMap(([key, text]) => {
    const tidied = tidy(text ?? '');
    return tidied === '' ? [] : [[key, tidied] as const];
  });
  return { name, method: 'probed', confidence, ...Object.fromEntries(texts) };
}

/** Characters kept of a product, a version or a remark: a line of a terminal. */
const LONGEST_TEXT = 120;

/** One line of UTF-8, without the white space around it. Control characters are for the formats to escape. */
const tidy = (text: string): string => utf8(text).replace(/\s+/g, ' ').trim().slice(0, LONGEST_TEXT);
