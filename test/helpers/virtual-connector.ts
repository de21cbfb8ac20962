import { bytesOfLatin1 } from '../../shared/domain/bytes.ts';
import { millis, type PortNumber } from '../../shared/domain/units.ts';
import type { Clock } from '../../shared/seams/clock.ts';
import type { Connector } from '../../shared/seams/connector.ts';

/** What every port says: by itself, and to each question (null: nothing). */
export interface VirtualService {
  readonly greeting?: string;
  readonly answer?: (question: Uint8Array) => string | null;
}

/** Connections to services in memory, in the time of a clock. Nobody closes them but the caller. */
export interface VirtualConnector extends Connector {
  /** Connections to each port so far. */
  readonly connected: ReadonlyMap<PortNumber, number>;
  readonly open: number;
  /** As many as were open at once. */
  readonly mostOpen: number;
}

const ROUND_TRIP = millis(1);

export function virtualConnector(clock: Clock, { greeting, answer = () => null }: VirtualService): VirtualConnector {
  const connected = new Map<PortNumber, number>();
  let [open, mostOpen] = [0, 0];
  return {
    connected,
    get open() {
      return open;
    },
    get mostOpen() {
      return mostOpen;
    },
    connect({ port }, onEvent) {
      connected.set(port, (connected.get(port) ?? 0) + 1);
      open += 1;
      mostOpen = Math.max(mostOpen, open);
      let isOpen = true;
      const say = (words: string): void => {
        if (isOpen) onEvent({ kind: 'data', bytes: bytesOfLatin1(words) });
      };
      clock.after(ROUND_TRIP, () => {
        if (isOpen) onEvent({ kind: 'connected' });
        if (greeting !== undefined) say(greeting);
      });
      return {
        send(bytes) {
          const words = answer(bytes);
          if (words !== null) clock.after(ROUND_TRIP, () => say(words));
        },
        // A service that knows no TLS takes the handshake for words, and has nothing to say to it.
        secure() {},
        close() {
          if (isOpen) open -= 1;
          isOpen = false;
        },
      };
    },
  };
}
