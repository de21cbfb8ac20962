import { farTimeoutOf, type Timing } from '../shared/domain/timing-template.ts';
import { millis } from '../shared/domain/units.ts';
import { makeRetryPolicy } from '../shared/engine/target/retry-policy.ts';
import { makeRttEstimator } from '../shared/engine/target/rtt-estimator.ts';
import { kindOf, type World } from './hosts.ts';
import type { Draws } from './random-draws.ts';

/** What a chunk holds: whole addresses, or a part of one. */
export interface ChunkShape {
  readonly addresses: number;
  readonly portsOfEach: number;
  /** The one address of a part, by its number; of whole addresses null. */
  readonly partOf: number | null;
}

/** What a scan meets, beside the world: open ports of a host that is there, among those that are probed. */
export interface Conditions {
  readonly world: World;
  readonly openPerHost: number;
  readonly portCount: number;
  /** Ports by which hosts are looked for before all others; null where they are not. */
  readonly discoveryPorts: number | null;
}

/** What probing a chunk to its end comes to. */
export interface ChunkLoad {
  readonly attempts: number;
  /** Seconds for which attempts hold their sockets, together. */
  readonly socketSeconds: number;
  /** Attempts at the address that is probed most. */
  readonly mostOfOne: number;
  /** Seconds that the port with the most attempts takes, one after the other. */
  readonly chain: number;
  /** Seconds that the longest attempt waits. */
  readonly longestWait: number;
  readonly open: number;
  /** Hosts that answer at all, of so many. */
  readonly live: number;
  readonly targets: number;
  /** The ports by which its hosts are looked for before all of that; absent where they are not. */
  readonly before?: ChunkLoad;
}

/** Draws what chunks meet, and counts their attempts. */
export type WorkDrawer = (shape: ChunkShape, draws: Draws, hostDraws: (host: number) => Draws) => ChunkLoad;

/** Hosts that fare alike. */
interface Alike {
  readonly hosts: number;
  /** Ports of each that answer, and that never do. */
  readonly answering: number;
  readonly silent: number;
  /** Ports of all of them together that answered a later attempt only. */
  readonly lost: number;
  readonly rtt: number;
}

/** `live`: hosts that answered at all. */
type Sum = { -readonly [Field in Exclude<keyof ChunkLoad, 'targets' | 'before'>]: number };

const nothing = (): Sum => ({
  ...{ attempts: 0, socketSeconds: 0, mostOfOne: 0, chain: 0, longestWait: 0, open: 0, live: 0 },
});

/** The engine's own rules, as far as they decide how long attempts take. */
interface Rules {
  readonly conditions: Conditions;
  /** Seconds until the first attempt times out, and later ones on a host with that round-trip time. */
  readonly firstTimeout: number;
  /** Seconds for which the first two attempts at an address wait that never answers. */
  readonly farTimeout: number;
  readonly timeoutAfter: (rtt: number) => number;
  readonly attemptsFor: (answered: number, lost: number) => number;
}

/**
 * Counts by the engine's own rules: how often a silent port is probed is its retry policy's affair, how long an attempt
 * waits its estimator's. `hostDraws` depends on the host alone, so that every part of one address meets the same host.
 */
export function makeWorkDrawer(timing: Timing, conditions: Conditions): WorkDrawer {
  const rules: Rules = {
    conditions,
    firstTimeout: timing.initialRttTimeout / 1_000,
    farTimeout: farTimeoutOf(timing) / 1_000,
    timeoutAfter: makeTimeouts(timing),
    attemptsFor: makeAttempts(timing.maxAttempts),
  };
  return ({ addresses, portsOfEach, partOf }, draws, hostDraws) => {
    const sum = nothing();
    if (partOf !== null) {
      addPart(sum, rules, portsOfEach, draws, hostDraws(partOf));
      return { ...sum, targets: addresses };
    }
    const before = addWhole(sum, rules, addresses, portsOfEach, draws);
    return {
      ...sum,
      targets: before ? sum.live : addresses,
      ...(before && { before: { ...before, targets: addresses } }),
    };
  };
}

function addHosts(sum: Sum, rules: Rules, { hosts, answering, silent, lost, rtt }: Alike): void {
  if (hosts === 0) return;
  const { firstTimeout } = rules;
  const timeout = answering > 0 ? rules.timeoutAfter(rtt) : firstTimeout;
  const attempts = rules.attemptsFor(answering, lost / hosts);
  // In a shuffled order the first of n answers comes after 1/(n + 1) of the attempts; until then the first timeout holds.
  const beforeFirst = answering > 0 ? 1 / (answering + 1) : 1;
  const wait = beforeFirst * firstTimeout + (1 - beforeFirst) * timeout;
  const attemptsOfEach = answering + silent * attempts + lost / hosts;
  sum.attempts += hosts * attemptsOfEach;
  sum.socketSeconds += hosts * (answering * rtt + silent * attempts * wait) + lost * timeout;
  sum.mostOfOne = Math.max(sum.mostOfOne, attemptsOfEach);
  const chain = silent > 0 ? attempts * timeout : rtt + (lost > 0 ? timeout : 0);
  sum.chain = Math.max(sum.chain, chain);
  sum.longestWait = Math.max(sum.longestWait, silent > 0 ? timeout : rtt);
  if (answering > 0) sum.live += hosts;
}

function addPart(sum: Sum, rules: Rules, ports: number, draws: Draws, host: Draws): void {
  const { world, openPerHost, portCount } = rules.conditions;
  const kind = kindOf(world, host.uniform());
  const rtt = host.lognormal(world.rtt);
  const open = draws.binomial(ports, openPerHost / portCount);
  const answering = kind === 'silent' ? 0 : kind === 'answering' ? ports : open;
  sum.open = kind === 'silent' ? 0 : open;
  const lost = draws.binomial(answering, world.loss);
  addHosts(sum, rules, { hosts: 1, answering, silent: ports - answering, lost, rtt });
}

/**
 * Hosts of one kind share a round-trip time; those of them that lost a packet are a group of their own, one loss each.
 * Gives what it takes to look for them first, where that is wanted: then nothing else is sent to the silent ones.
 */
function addWhole(sum: Sum, rules: Rules, addresses: number, ports: number, draws: Draws): Sum | undefined {
  const { alike, open } = wholeHosts(rules, addresses, ports, draws);
  const { discoveryPorts } = rules.conditions;
  sum.open = open;
  if (discoveryPorts === null) {
    for (const hosts of alike) addHosts(sum, rules, hosts);
    return undefined;
  }
  const before = nothing();
  for (const hosts of alike) {
    // A firewalled host with anything open is taken to have one of these open: the dearest case, for all of it is then probed.
    const answering = hosts.silent === 0 ? discoveryPorts : Math.min(1, hosts.answering);
    const silent = discoveryPorts - answering;
    addHosts(before, rules, { ...hosts, answering, silent, lost: 0 });
    if (answering === 0) waitForFar(before, rules, hosts.hosts);
    else {
      const rest = { answering: Math.max(0, hosts.answering - answering), silent: Math.max(0, hosts.silent - silent) };
      addHosts(sum, rules, { ...hosts, ...rest });
    }
  }
  return before;
}

const FAR_PROBES = 2;

function waitForFar(sum: Sum, { farTimeout, firstTimeout }: Rules, hosts: number): void {
  if (hosts === 0) return;
  sum.socketSeconds += hosts * FAR_PROBES * (farTimeout - firstTimeout);
  sum.chain = Math.max(sum.chain, farTimeout);
}

function wholeHosts(rules: Rules, addresses: number, ports: number, draws: Draws) {
  const { world, openPerHost } = rules.conditions;
  const silent = draws.binomial(addresses, world.silent);
  const firewalled = draws.binomial(addresses - silent, world.firewalled / (1 - world.silent));
  const answering = addresses - silent - firewalled;
  const rtt = draws.lognormal(world.rtt);
  // Where a host has less than one open port, so many hosts have one.
  const openOfEach = Math.min(ports, Math.max(1, Math.round(openPerHost)));
  const withOpen = openPerHost >= 1 ? firewalled : draws.binomial(firewalled, openPerHost);
  const withLoss = draws.binomial(withOpen, 1 - (1 - world.loss) ** openOfEach);
  const part = { answering: openOfEach, silent: ports - openOfEach, rtt };
  const lost = draws.binomial(answering * ports, world.loss);
  const openOfAnswering = openPerHost >= 1 ? answering : draws.binomial(answering, openPerHost);
  const alike: Alike[] = [
    { hosts: silent + firewalled - withOpen, answering: 0, silent: ports, lost: 0, rtt },
    { ...part, hosts: withOpen - withLoss, lost: 0 },
    { ...part, hosts: withLoss, lost: withLoss },
    { hosts: answering, answering: ports, silent: 0, lost, rtt },
  ];
  return { alike, open: (withOpen + openOfAnswering) * openOfEach };
}

/** What the estimator makes of a host with that round-trip time, in seconds, after a few answers. */
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

/** Attempts at a silent port of a host, so many of whose ports answered, and so many of those a later attempt only. */
function makeAttempts(maxAttempts: number): (answered: number, lost: number) => number {
  const known = new Map<number, number>();
  return (answered, lost) => {
    // The policy works with logarithms: a power of two is near enough, and is likely known.
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

/** As many of one host's attempts are lost, and no more are told apart. */
const MOST_LOSSES = 63;
