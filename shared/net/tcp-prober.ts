import { Socket } from 'node:net';
import type { Outcome } from '../domain/outcome.ts';
import type { Probe } from '../domain/probe.ts';
import type { Prober, SentProbe } from '../seams/prober.ts';

/**
 * What `Socket` sets on its options itself. Given beforehand, and always the same object, they spare its constructor a
 * change of shape for each socket.
 */
const SOCKET_OPTIONS = { allowHalfOpen: false, emitClose: false, autoDestroy: true, decodeStrings: false };

/**
 * One TCP connection attempt, and nothing after it. `_destroy` is the stream's own last stop for a failure; taking the
 * error there instead of from an 'error' event halves what a refused port costs in user time (no listener, no emit, no
 * nextTick), and refused ports are most of a scan.
 */
class ConnectAttempt extends Socket implements SentProbe {
  #tell: ((outcome: Outcome) => void) | null;

  constructor(tell: (outcome: Outcome) => void) {
    super(SOCKET_OPTIONS);
    this.#tell = tell;
  }

  cancel(): void {
    this.#tell = null;
    this.destroy();
  }

  accepted(): void {
    // A reset leaves no TIME_WAIT behind, so no local port stays taken for a minute.
    const outcome: Outcome = reachedItself(this) ? { kind: 'self-connected' } : { kind: 'accepted' };
    const tell = this.#tell;
    this.#tell = null;
    this.resetAndDestroy();
    tell?.(outcome);
  }

  override _destroy(error: NodeJS.ErrnoException | null, done: (error?: Error | null) => void): void {
    const tell = this.#tell;
    this.#tell = null;
    // Node takes the flag back before it tells of an answer, but not when `connect` itself failed.
    const kind = this.connecting ? 'not-sent' : 'errno';
    super._destroy(null, done);
    if (error) tell?.({ kind, errno: error.code ?? error.message });
  }
}

/**
 * On one machine, a socket whose source port is the very port it probes connects to itself (RFC 9293 section 3.5,
 * simultaneous open): it would call a closed port of the ephemeral range open.
 */
export const reachedItself = (socket: Socket): boolean =>
  socket.localPort === socket.remotePort && socket.localAddress === socket.remoteAddress;

function onConnect(this: ConnectAttempt): void {
  this.accepted();
}

/** Probes by connecting: the handshake is the answer, and is reset as soon as it stands. */
export const tcpProber: Prober = {
  send(probe: Probe, tell: (outcome: Outcome) => void): SentProbe {
    const socket = new ConnectAttempt(tell);
    socket.on('connect', onConnect);
    socket.connect({ host: probe.address, port: probe.port, autoSelectFamily: false });
    return socket;
  },
};
