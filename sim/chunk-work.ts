import type { Timing } from '../shared/domain/timing-template.ts';
import { millis } from '../shared/domain/units.ts';
import { makeRetryPolicy } from '../shared/engine/target/retry-policy.ts';
import { makeRttEstimator } from '../shared/engine/target/rtt-estimator.ts';
import type { Draws } from './draws.ts';
import { kindOf, type World } from './world.ts';

/** What a chunk holds: whole addresses, or a part of one. */
export interface ChunkShape {
  readonly addresses: number;
  readonly portsOfEach: number;
  /** The one address of a part, by its number; of whole addresses null. */
  readonly partOf: number | null;
}

/** What a scan meets, beside the world: open ports of a host that is there, among those that are asked. */
export interface Meeting {
  readonly world: World;
  readonly openPerHost: number;
  readonly portCount: number;
}

/** What asking a chunk to its end comes to. */
export interface ChunkWork {
  readonly asks: number;
  /** Seconds for which asks hold their sockets, together. */
  readonly socketSeconds: number;
  /** Asks of the address that is asked most. */
  readonly mostOfOne: number;
  /** Seconds that the port with the most asks takes, one after the other. */
  readonly chain: number;
  /** Seconds that the longest ask waits. */
  readonly longestWait: number;
  readonly open: number;
  /** Hosts that answer at all, of so many. */
  readonly live: number;
  readonly targets: number;
}

/** Draws what chunks meet, and counts their asks. */
export type WorkDrawer = (shape: ChunkShape, draws: Draws, hostDraws: (host: number) => Draws) => ChunkWork;

/** Hosts that fare alike. */
interface Alike {
  readonly hosts: number;
  /** Ports of each that answer, and that never do. */
  readonly answering: number;
  readonly silent: number;
  /** Ports of all of them together that answered a later ask only. */
  readonly lost: number;
  readonly rtt: number;
}

/**
 * Counts by the engine's own rules: how often a silent port is asked is its retry policy's affair, how long an ask waits
 * its estimator's. `hostDraws` depends on the host alone, so that every part of one address meets the same host.
 */
export function makeWorkDrawer(timing: Timing, meeting: Meeting): WorkDrawer {
  const { world, openPerHost, portCount } = meeting;
  const first = timing.initialRttTimeout / 1_000;
  const timeoutAfter = makeTimeouts(timing);
  const attemptsFor = makeAttempts(timing.maxAttempts);

  function addHosts(sum: Sum, { hosts, answering, silent, lost, rtt }: Alike): void {
    if (hosts === 0) return;
    const learnt = answering > 0 ? timeoutAfter(rtt) : first;
    const attempts = attemptsFor(answering, lost / hosts);
    // In a shuffled order the first of n answers comes after 1/(n + 1) of the asks; until then the first timeout holds.
    const unlearnt = answering > 0 ? 1 / (answering + 1) : 1;
    const wait = unlearnt * first + (1 - unlearnt) * learnt;
    const asksOfEach = answering + silent * attempts + lost / hosts;
    sum.asks += hosts * asksOfEach;
    sum.socketSeconds += hosts * (answering * rtt + silent * attempts * wait) + lost * learnt;
    sum.mostOfOne = Math.max(sum.mostOfOne, asksOfEach);
    const chain = silent > 0 ? attempts * learnt : rtt + (lost > 0 ? learnt : 0);
    sum.chain = Math.max(sum.chain, chain);
    sum.longestWait = Math.max(sum.longestWait, silent > 0 ? learnt : rtt);
    if (answering > 0) sum.live += hosts;
  }

  function addPart(sum: Sum, ports: number, draws: Draws, host: Draws): void {
    const kind = kindOf(world, host.uniform());
    const rtt = host.lognormal(world.rtt);
    const open = draws.binomial(ports, openPerHost / portCount);
    const answering = kind === 'silent' ? 0 : kind === 'answering' ? ports : open;
    sum.open = kind === 'silent' ? 0 : open;
    addHosts(sum, { hosts: 1, answering, silent: ports - answering, lost: draws.binomial(answering, world.loss), rtt });
  }

  /** Hosts of one kind share a round-trip time; those of them that lost an ask are a group of their own, one loss each. */
  function addWhole(sum: Sum, addresses: number, ports: number, draws: Draws): void {
    const silent = draws.binomial(addresses, world.silent);
    const firewalled = draws.binomial(addresses - silent, world.firewalled / (1 - world.silent));
    const answering = addresses - silent - firewalled;
    const rtt = draws.lognormal(world.rtt);
    // Where a host has less than one open port, so many hosts have one.
    const openOfEach = Math.min(ports, Math.max(1, Math.round(openPerHost)));
    const withOpen = openPerHost >= 1 ? firewalled : draws.binomial(firewalled, openPerHost);
    const unlucky = draws.binomial(withOpen, 1 - (1 - world.loss) ** openOfEach);
    const part = { answering: openOfEach, silent: ports - openOfEach, rtt };
    addHosts(sum, { hosts: silent + firewalled - withOpen, answering: 0, silent: ports, lost: 0, rtt });
    addHosts(sum, { ...part, hosts: withOpen - unlucky, lost: 0 });
    addHosts(sum, { ...part, hosts: unlucky, lost: unlucky });
    const lost = draws.binomial(answering * ports, world.loss);
    addHosts(sum, { hosts: answering, answering: ports, silent: 0, lost, rtt });
    const openOfAnswering = openPerHost >= 1 ? answering : draws.binomial(answering, openPerHost);
    sum.open = (withOpen + openOfAnswering) * openOfEach;
  }

  return ({ addresses, portsOfEach, partOf }, draws, hostDraws) => {
    const sum = { asks: 0, socketSeconds: 0, mostOfOne: 0, chain: 0, longestWait: 0, open: 0, live: 0 };
    if (partOf === null) addWhole(sum, addresses, portsOfEach, draws);
    else addPart(sum, portsOfEach, draws, hostDraws(partOf));
    return { ...sum, targets: addresses };
  };
}

/** `live`: hosts that answered at all. */
type Sum = { -readonly [Field in Exclude<keyof ChunkWork, 'targets'>]: number };

/** What the estimator makes of a host with that round-trip time, in seconds, when it has heard it a few times. */
function makeTimeouts(timing: Timing): (rtt: number) => number {
  const known: number[] = [];
  return (rtt) => {
    // To the millisecond: a few hundred round-trip times stand for all.
    const wholeMillis = Math.round(rtt * 1_000);
    const found = known[wholeMillis];
    if (found !== undefined) return found;
    const estimator = makeRttEstimator(timing);
    for (let heard = 0; heard < SAMPLES; heard++) estimator.sample(millis(wholeMillis));
    const timeout = estimator.timeout() / 1_000;
    known[wholeMillis] = timeout;
    return timeout;
  };
}

/** Its variation begins at half the round-trip time and shrinks by a quarter with each answer. */
const SAMPLES = 4;

/** Asks of a silent port of a host, so many of whose ports answered, and so many of those a later ask only. */
function makeAttempts(maxAttempts: number): (answered: number, lost: number) => number {
  const known = new Map<number, number>();
  return (answered, lost) => {
    // The policy works with logarithms: a power of two is near enough, and has been asked before.
    const about = answered === 0 ? 0 : 2 ** Math.round(Math.log2(answered));
    const losses = Math.min(about, MOST_LOSSES, Math.ceil(lost));
    const key = about * (MOST_LOSSES + 1) + losses;
    const found = known.get(key);
    if (found !== undefined) return found;
    const policy = makeRetryPolicy(maxAttempts);
    for (let nth = 0; nth < about; nth++) policy.answered(nth < about - losses ? 1 : 2);
    known.set(key, policy.attemptsAllowed());
    return policy.attemptsAllowed();
  };
}

/** As many of one host's asks are lost, and no more are told apart. */
const MOST_LOSSES = 63;
