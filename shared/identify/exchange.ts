import { concatBytes } from '../domain/bytes.ts';
import type { TlsFacts } from '../domain/tls-facts.ts';
import { type Millis, millis } from '../domain/units.ts';
import type { Clock } from '../seams/clock.ts';
import type { ConnectionEvent, Connector, Peer, TlsHello } from '../seams/connector.ts';
import { makeWakeup, type Stop, sleep, type Wakeup } from '../seams/sleep.ts';

/** Bytes kept of one connection: more than any greeting or header has. A service that says more is cut off. */
export const MOST_HEARD = 4_096;

export interface ExchangeDeps {
  readonly connector: Connector;
  readonly clock: Clock;
  /** Ends every wait within a turn. */
  readonly stop: Stop;
}

/** How a handshake ended. */
export type Secured =
  | { readonly kind: 'secured'; readonly tls: TlsFacts }
  /** The peer answered in TLS, but not with a session. */
  | { readonly kind: 'alert' }
  | { readonly kind: 'failed' };

/**
 * One connection, as something to wait on. Every wait has an end of its own that no byte of the peer puts off: a service
 * that talks slowly, or never stops, is heard until then and no longer.
 */
export interface Exchange {
  /** True when the connection stands, false when it came to nothing. */
  connected(wait: Millis): Promise<boolean>;
  send(bytes: Uint8Array): void;
  /**
   * What arrives from now on and was not heard before: until the peer pauses for `pause`, closes, has said too much, or
   * `wait` is over.
   */
  hear(wait: Millis, pause: Millis): Promise<Uint8Array>;
  /** True when nothing arrived within `wait`, on a connection that stands; what arrives is left for `hear`. */
  isSilent(wait: Millis): Promise<boolean>;
  /** From now on, that many bytes may arrive before the peer is cut off. */
  allow(bytes: number): void;
  secure(hello: TlsHello, wait: Millis): Promise<Secured>;
  isOver(): boolean;
  /** The failure that ended it, or null. */
  errno(): string | null;
  /** Ends it, and every wait on it. */
  close(): void;
}

/** What has come over the connection so far. */
interface Inbox {
  phase: 'connecting' | 'open' | 'over';
  errno: string | null;
  secured: Secured | null;
  /** Arrived and not yet handed out by `hear`. */
  unheard: Uint8Array[];
  /** Bytes of the whole connection, and how many there may be. */
  size: number;
  most: number;
  lastAt: number;
}

const emptyInbox = (): Inbox => ({
  phase: 'connecting',
  errno: null,
  secured: null,
  unheard: [],
  size: 0,
  most: MOST_HEARD,
  lastAt: 0,
});

export function openExchange(peer: Peer, deps: ExchangeDeps): Exchange {
  const { connector, clock } = deps;
  const inbox = emptyInbox();
  const arrival = makeWakeup();
  const connection = connector.connect(peer, (event) => {
    enter(inbox, event, clock.now());
    if (inbox.size >= inbox.most) connection.close();
    arrival.wake();
  });
  const until = (done: () => boolean, end: () => number): Promise<void> =>
    waitUntil(() => done() || inbox.phase === 'over', end, arrival, deps);
  const endAfter = (wait: Millis): (() => number) => {
    const end = clock.now() + wait;
    return () => end;
  };
  return {
    async connected(wait) {
      await until(() => inbox.phase !== 'connecting', endAfter(wait));
      return inbox.phase === 'open';
    },
    send: (bytes) => connection.send(bytes),
    async hear(wait, pause) {
      const end = clock.now() + wait;
      await until(
        () => false,
        () => (inbox.unheard.length === 0 ? end : Math.min(end, inbox.lastAt + pause)),
      );
      return concatBytes(...inbox.unheard.splice(0)).subarray(0, inbox.most);
    },
    async isSilent(wait) {
      await until(() => inbox.unheard.length > 0, endAfter(wait));
      return inbox.unheard.length === 0 && inbox.phase === 'open' && !deps.stop.stopped;
    },
    allow(bytes) {
      inbox.most = inbox.size + bytes;
    },
    async secure(hello, wait) {
      connection.secure(hello);
      await until(() => inbox.secured !== null, endAfter(wait));
      return inbox.secured ?? { kind: 'failed' };
    },
    isOver: () => inbox.phase === 'over',
    errno: () => inbox.errno,
    close() {
      inbox.phase = 'over';
      connection.close();
      arrival.wake();
    },
  };
}

function enter(inbox: Inbox, event: ConnectionEvent, at: Millis): void {
  switch (event.kind) {
    case 'connected':
      inbox.phase = 'open';
      break;
    case 'secured':
      inbox.secured = event;
      break;
    case 'refused':
      inbox.secured = { kind: event.alert ? 'alert' : 'failed' };
      inbox.phase = 'over';
      break;
    case 'data':
      inbox.unheard.push(event.bytes);
      inbox.size += event.bytes.length;
      inbox.lastAt = at;
      if (inbox.size >= inbox.most) inbox.phase = 'over';
      break;
    case 'ended':
      inbox.phase = 'over';
      inbox.errno = event.errno;
      break;
    default:
      event satisfies never;
  }
}

/** Waits until `done` says so, at the latest until `end()`, which may move with what arrives. */
async function waitUntil(
  done: () => boolean,
  end: () => number,
  arrival: Wakeup,
  { clock, stop }: ExchangeDeps,
): Promise<void> {
  while (!done() && !stop.stopped && clock.now() < end()) {
    await sleep(clock, millis(end() - clock.now()), arrival.whenWoken, stop.whenStopped);
    // Node runs timers before it looks at sockets: what already lies in the kernel is heard before it counts as silence.
    if (clock.now() >= end()) await new Promise<void>((resolve) => clock.afterTurn(resolve));
  }
}
