import type { Protocol } from './probe.ts';
import type { Address, EpochMillis, Millis, PortNumber } from './units.ts';
import type { PortState, Reason } from './verdict.ts';

/** The service behind a port. `table` is what the registry says of the number, `probed` what really answered. */
export interface Service {
  /** The registered name, or "unavailable" where there is none. */
  readonly name: string;
  readonly method: 'table' | 'probed';
}

/** What we claim of one open port after all asks. Its key in a scan is (address, protocol, port). */
export interface Finding {
  readonly address: Address;
  readonly protocol: Protocol;
  readonly port: PortNumber;
  readonly state: PortState;
  readonly reason: Reason;
  readonly service: Service;
  readonly seenAt: EpochMillis;
  /** From the ask to its answer. */
  readonly rtt: Millis;
  /** Which ask was answered, from 1. */
  readonly attempt: number;
}
