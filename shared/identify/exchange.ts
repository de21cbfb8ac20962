import { concatBytes } from '../domain/bytes.ts';
import type { TlsFacts } from '../domain/tls-facts.ts';
import { type Millis, millis } from '../domain/units.ts';
import type { Stop } from '../engine/stop.ts';
import type { Clock } from '../seams/clock.ts';
import type { ConnectionEvent, Connector, Peer, TlsHello } from '../seams/connector.ts';

/** Bytes heard on one line, at the most: more than any greeting or header has. Whoever says more is hung up on. */
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
 * One line, as something to wait on. Every wait has an end of its own that no byte of the peer puts off: who talks
 * slowly, or never stops, is heard until then and no longer.
 */
export interface Exchange {
  /** True when the line stands, false when it came to nothing. */
  connected(wait: Millis): Promise<boolean>;
  say(bytes: Uint8Array): void;
  /**
   * What is said from now on and was not heard before: until the peer pauses for `pause`, hangs up, has said too much, or
   * `wait` is over.
   */
  hear(wait: Millis, pause: Millis): Promise<Uint8Array>;
  secure(hello: TlsHello, wait: Millis): Promise<Secured>;
  isOver(): boolean;
  /** The failure that ended it, or null. */
  errno(): string | null;
  hangUp(): void;
}

/** What has come over the line so far. */
interface Ledger {
  phase: 'dialling' | 'standing' | 'over';
  errno: string | null;
  secured: Secured | null;
  /** Said and not yet heard by anybody. */
  unheard: Uint8Array[];
  /** Bytes of the whole line. */
  size: number;
  lastAt: number;
}

export function openExchange(peer: Peer, deps: ExchangeDeps): Exchange {
  const { clock, connector, stop } = deps;
  const ledger: Ledger = { phase: 'dialling', errno: null, secured: null, unheard: [], size: 0, lastAt: 0 };
  let wake = (): void => {};
  const line = connector.dial(peer, (event) => {
    enter(ledger, event, clock.now());
    if (ledger.size >= MOST_HEARD) line.hangUp();
    wake();
  });
  /** Waits until `done` says so, at the latest until `end()`, which may move with what is heard. */
  async function until(done: () => boolean, end: () => number): Promise<void> {
    while (!done() && ledger.phase !== 'over' && !stop.stopped && clock.now() < end()) {
      await sleep(millis(end() - clock.now()), deps, (rouse) => {
        wake = rouse;
      });
    }
  }
  const endAfter = (wait: Millis): (() => number) => {
    const end = clock.now() + wait;
    return () => end;
  };
  return {
    async connected(wait) {
      await until(() => ledger.phase !== 'dialling', endAfter(wait));
      return ledger.phase === 'standing';
    },
    say: (bytes) => line.send(bytes),
    async hear(wait, pause) {
      const end = clock.now() + wait;
      await until(
        () => false,
        () => (ledger.unheard.length === 0 ? end : Math.min(end, ledger.lastAt + pause)),
      );
      return concatBytes(...ledger.unheard.splice(0)).subarray(0, MOST_HEARD);
    },
    async secure(hello, wait) {
      line.secure(hello);
      await until(() => ledger.secured !== null, endAfter(wait));
      return ledger.secured ?? { kind: 'failed' };
    },
    isOver: () => ledger.phase === 'over',
    errno: () => ledger.errno,
    hangUp: () => line.hangUp(),
  };
}

function enter(ledger: Ledger, event: ConnectionEvent, at: Millis): void {
  switch (event.kind) {
    case 'connected':
      ledger.phase = 'standing';
      break;
    case 'secured':
      ledger.secured = event;
      break;
    case 'refused':
      ledger.secured = { kind: event.alert ? 'alert' : 'failed' };
      ledger.phase = 'over';
      break;
    case 'heard':
      ledger.unheard.push(event.bytes);
      ledger.size += event.bytes.length;
      ledger.lastAt = at;
      if (ledger.size >= MOST_HEARD) ledger.phase = 'over';
      break;
    case 'ended':
      ledger.phase = 'over';
      ledger.errno = event.errno;
      break;
    default:
      event satisfies never;
  }
}

/**
 * Sleeps until roused, for `delay`, or until it is time to stop. One turn of the loop passes after a timer, since Node runs
 * timers before it looks at sockets: what already lies in the kernel is then heard before anybody calls it silence.
 */
function sleep(delay: Millis, { clock, stop }: ExchangeDeps, told: (rouse: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const rouse = (): void => {
      takeBack();
      forget();
      resolve();
    };
    const takeBack = clock.after(delay, () => clock.afterTurn(rouse));
    const forget = stop.whenStopped(rouse);
    told(rouse);
  });
}
