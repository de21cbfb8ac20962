import type { Outcome } from '../domain/outcome.ts';
import type { Protocol } from '../domain/probe.ts';
import type { ProxyReply } from '../domain/proxy.ts';
import type { Settled, UnprobedCause } from '../domain/verdict.ts';

/** What one outcome means for its probe. */
export type Judgement =
  /** The target, or something on the way to it, has answered: no more attempts. */
  | { readonly kind: 'settled'; readonly verdict: Settled }
  /** Nothing came within the timeout. */
  | { readonly kind: 'silent' }
  /** The probe said nothing about the target (it reached itself): send another. */
  | { readonly kind: 'void' }
  /** This machine could not send. Never a port state: shrink, wait, send again, at the end `unprobed`. */
  | { readonly kind: 'local-fault'; readonly cause: UnprobedCause };

const settled = (verdict: Settled): Judgement => ({ kind: 'settled', verdict });
const localFault = (cause: UnprobedCause): Judgement => ({ kind: 'local-fault', cause });

/** Linux hands these to a connecting TCP socket, and to a connected UDP socket, when the network refuses. */
const TOLD_BY_THE_NETWORK: Readonly<Record<string, Settled>> = {
  EHOSTUNREACH: 'filtered/host-unreach',
  EHOSTDOWN: 'filtered/host-unreach',
  ENETUNREACH: 'filtered/net-unreach',
  ENONET: 'filtered/net-unreach',
  ENOPROTOOPT: 'filtered/proto-unreach',
  EPROTO: 'filtered/proto-unreach',
  EACCES: 'filtered/admin-prohibited',
};

const FAULTS_OF_THIS_MACHINE: Readonly<Record<string, UnprobedCause>> = {
  EMFILE: 'no-descriptor',
  ENFILE: 'no-descriptor',
  ENOBUFS: 'no-memory',
  ENOMEM: 'no-memory',
  EADDRNOTAVAIL: 'no-local-port',
  EADDRINUSE: 'no-local-port',
  EAGAIN: 'no-local-port',
  /** The local packet filter said no before anything left. */
  EPERM: 'not-permitted',
};

/** Returned by `connect` itself: a route of type prohibit, or a policy of the system (SELinux). Later it is a router's word. */
const NOT_PERMITTED = 'EACCES';

/**
 * The same errno means another thing when `connect` or `send` itself returns it: then it was not the network that spoke,
 * but our own routing table (no route, or one of the types unreachable and blackhole) or interface.
 */
const NO_ROUTE: ReadonlySet<string> = new Set([
  'ENETUNREACH',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETDOWN',
  'ENONET',
  'EAFNOSUPPORT',
  // A route of type blackhole; a link-local address without the interface behind which it is, or behind one that is gone.
  'EINVAL',
  'ENODEV',
]);

const TOLD_BY_TCP: Readonly<Record<string, Settled>> = {
  ECONNREFUSED: 'closed/conn-refused',
  /** A reset of a handshake that was already complete: the port accepted, then hung up (RFC 9293 section 3.10.7.4). */
  ECONNRESET: 'open/syn-ack',
  EPIPE: 'open/syn-ack',
};

/** ICMP port unreachable, as a connected UDP socket is told of it. */
const TOLD_BY_UDP: Readonly<Record<string, Settled>> = { ECONNREFUSED: 'closed/port-unreach' };

/** The kernel's own timer gave up before ours did. */
const KERNEL_TIMEOUT = 'ETIMEDOUT';

/**
 * The one table from outcome to meaning; no other file names an errno. An errno that it does not know is taken for a
 * fault of this machine, because a wrong `unprobed` can be probed again and a wrong `closed` is believed.
 */
export function classify(protocol: Protocol, outcome: Outcome): Judgement {
  switch (outcome.kind) {
    case 'accepted':
      return settled('open/syn-ack');
    case 'replied':
      return settled('open/udp-response');
    case 'self-connected':
      return { kind: 'void' };
    case 'proxy':
      return classifyReply(outcome.reply, outcome.errno);
    case 'silent':
      return { kind: 'silent' };
    case 'errno':
      return classifyErrno(protocol, outcome.errno);
    case 'not-sent':
      return localFault(causeOf(outcome.errno));
    default:
      return outcome satisfies never;
  }
}

const TOLD_BY_A_PROXY: Readonly<Record<Exclude<ProxyReply, 'no-proxy'>, Settled>> = {
  connected: 'open/proxy-connected',
  refused: 'closed/proxy-refused',
  'host-unreach': 'filtered/proxy-host-unreach',
  'net-unreach': 'filtered/proxy-net-unreach',
  'ttl-expired': 'filtered/proxy-ttl-expired',
  prohibited: 'filtered/proxy-prohibited',
  error: 'closed|filtered/proxy-error',
};

/** A way to the proxy that fails is ours, whatever it failed of. */
const classifyReply = (reply: ProxyReply, errno: string | null): Judgement =>
  reply === 'no-proxy'
    ? localFault(FAULTS_OF_THIS_MACHINE[errno ?? ''] ?? 'proxy-unreachable')
    : settled(TOLD_BY_A_PROXY[reply]);

function causeOf(errno: string): UnprobedCause {
  if (errno === NOT_PERMITTED) return 'not-permitted';
  return NO_ROUTE.has(errno) ? 'no-route' : (FAULTS_OF_THIS_MACHINE[errno] ?? 'local-fault');
}

function classifyErrno(protocol: Protocol, errno: string): Judgement {
  if (errno === KERNEL_TIMEOUT) return { kind: 'silent' };
  const told = (protocol === 'tcp' ? TOLD_BY_TCP : TOLD_BY_UDP)[errno] ?? TOLD_BY_THE_NETWORK[errno];
  return told ? settled(told) : localFault(FAULTS_OF_THIS_MACHINE[errno] ?? 'local-fault');
}

/** What silence means once every attempt that is allowed was met with it. */
export const silenceOf = (protocol: Protocol): Settled =>
  protocol === 'tcp' ? 'filtered/no-response' : 'open|filtered/no-response';
