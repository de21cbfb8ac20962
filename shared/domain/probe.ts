import type { Address, PortNumber } from './units.ts';

export const PROTOCOLS = ['tcp', 'udp'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** One question: what does this port of this address say? */
export interface Probe {
  readonly address: Address;
  readonly protocol: Protocol;
  readonly port: PortNumber;
}
