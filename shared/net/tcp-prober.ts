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
 * A socket of Node's, used for one probe after the other: its two streams cost more to make than the system's socket
 * inside, which is a new one for each connect.
 *
 *   idle ──probe──▶ connecting ──refused, failed, cancelled──▶ closing ──'close'──▶ idle
 *                       └── accepted ──▶ spent
 *
 * idle       in `IDLE`, with no system socket
 * connecting `attempt` is waiting for its answer
 * closing    the descriptor is free; but until 'close', Node may still call back for the old connect
 * spent      streams that were open once are not used again
 */
class ProbeSocket extends Socket {
  #attempt: ConnectAttempt | null = null;
  #isSpent = false;

  constructor() {
    super(SOCKET_OPTIONS);
    this.on('connect', this.#accepted);
    this.on('close', this.#closed);
  }

  begin(attempt: ConnectAttempt, { address, port }: Probe): void {
    this.#attempt = attempt;
    this.connect({ host: address, port, autoSelectFamily: false });
  }

  cancel(): void {
    this.#attempt = null;
    super.destroy();
  }

  /**
   * Node ends a connect that was refused, or failed, by destroying the stream with the error. Both streams are unused, so
   * the handle is all there is to close: without 'error' and the streams' own bookkeeping, a refused port, and most of a
   * scan is those, costs a quarter less.
   */
  override destroy(error?: NodeJS.ErrnoException): this {
    if (!error) return super.destroy();
    const attempt = this.#attempt;
    if (!attempt) return this;
    this.#attempt = null;
    // Node takes the flag back before it tells of an answer, but not when `connect` itself failed.
    const kind = this.connecting ? 'not-sent' : 'errno';
    super._destroy(null, ignore);
    attempt.ended({ kind, errno: error.code ?? error.message });
    return this;
  }

  #accepted(): void {
    const attempt = this.#attempt;
    this.#attempt = null;
    this.#isSpent = true;
    const outcome: Outcome = reachedItself(this) ? { kind: 'self-connected' } : { kind: 'accepted' };
    // A reset leaves no TIME_WAIT behind, so no local port stays taken for a minute.
    this.resetAndDestroy();
    attempt?.ended(outcome);
  }

  #closed(): void {
    if (!this.#isSpent) IDLE.push(this);
  }
}

const ignore = (): void => {};

/** As many as were ever in use at once, which the socket budget bounds. */
const IDLE: ProbeSocket[] = [];

/** One TCP connection attempt, and nothing after it. */
class ConnectAttempt implements SentProbe {
  readonly #tell: (outcome: Outcome) => void;
  /** Null when the attempt is over: another one may have the socket by then. */
  #socket: ProbeSocket | null;

  constructor(probe: Probe, tell: (outcome: Outcome) => void) {
    this.#tell = tell;
    this.#socket = IDLE.pop() ?? new ProbeSocket();
    this.#socket.begin(this, probe);
  }

  cancel(): void {
    const socket = this.#socket;
    this.#socket = null;
    socket?.cancel();
  }

  ended(outcome: Outcome): void {
    this.#socket = null;
    this.#tell(outcome);
  }
}

/**
 * On one machine, a socket whose source port is the very port it probes connects to itself (RFC 9293 section 3.5,
 * simultaneous open): it would call a closed port of the ephemeral range open.
 */
export const reachedItself = (socket: Socket): boolean =>
  socket.localPort === socket.remotePort && socket.localAddress === socket.remoteAddress;

/** Probes by connecting: the handshake is the answer, and is reset as soon as it stands. */
export const tcpProber: Prober = { send: (probe, tell) => new ConnectAttempt(probe, tell) };
