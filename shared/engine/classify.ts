import type { Outcome } from '../domain/outcome.ts';
import type { Protocol } from '../domain/probe.ts';
import type { Settled, UnprobedCause } from '../domain/verdict.ts';

/** What one outcome means for its probe. */
export type Judgement =
  /** The target, or something on the way to it, has spoken: no more asks. */
  | { readonly kind: 'settled'; readonly verdict: Settled }
  /** Nobody spoke within the timeout. */
  | { readonly kind: 'silent' }
  /** The ask said nothing about the target (it reached itself): ask again. */
  | { readonly kind: 'void' }
  /** This machine could not ask. Never a port state: shrink, wait, ask again, at the end `unprobed`. */
  | { readonly kind: 'local-fault'; readonly cause: UnprobedCause };

const settled = (verdict: Settled): Judgement => ({ kind: 'settled', verdict });
const localFault = (cause: UnprobedCause): Judgement => ({ kind: 'local-fault', cause });

/** Linux hands these to a connecting TCP socket, and to a connected UDP socket, when the network refuses. */
const SPOKEN_BY_THE_NETWORK: Readonly<Record<string, Settled>> = {
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

const SPOKEN_BY_TCP: Readonly<Record<string, Settled>> = {
  ECONNREFUSED: 'closed/conn-refused',
  /** A reset of a handshake that was already complete: the port accepted, then hung up (RFC 9293 section 3.10.7.4). */
  ECONNRESET: 'open/syn-ack',
  EPIPE: 'open/syn-ack',
};

/** ICMP port unreachable, as a connected UDP socket hears it. */
const SPOKEN_BY_UDP: Readonly<Record<string, Settled>> = { ECONNREFUSED: 'closed/port-unreach' };

/** The kernel's own timer gave up before ours did. */
const KERNEL_TIMEOUT = 'ETIMEDOUT';

/**
 * The one table from evidence to meaning; no other file names an errno. An errno that it does not know is taken for a
 * fault of this machine, because a wrong `unprobed` can be asked again and a wrong `closed` is believed.
 */
export function classify(protocol: Protocol, outcome: Outcome): Judgement {
  switch (outcome.kind) {
    case 'accepted':
      return settled('open/syn-ack');
    case 'replied':
      return settled('open/udp-response');
    case 'self-connected':
      return { kind: 'void' };
    case 'silent':
      return { kind: 'silent' };
    case 'errno':
      return classifyErrno(protocol, outcome.errno);
    default:
      return outcome satisfies never;
  }
}

function classifyErrno(protocol: Protocol, errno: string): Judgement {
  if (errno === KERNEL_TIMEOUT) return { kind: 'silent' };
  const spoken = (protocol === 'tcp' ? SPOKEN_BY_TCP : SPOKEN_BY_UDP)[errno] ?? SPOKEN_BY_THE_NETWORK[errno];
  return spoken ? settled(spoken) : localFault(FAULTS_OF_THIS_MACHINE[errno] ?? 'local-fault');
}

/** What silence means once every ask that is allowed was met with it. */
export const silenceOf = (protocol: Protocol): Settled =>
  protocol === 'tcp' ? 'filtered/no-response' : 'open|filtered/no-response';
