import type { Protocol } from './probe.ts';
import type { Address } from './units.ts';

/** Ports that a security group lets in. */
export interface AllowedPorts {
  readonly protocol: Protocol;
  readonly first: number;
  readonly last: number;
  /** From 0.0.0.0/0 or ::/0. */
  readonly fromAnyone: boolean;
}

/** A public address of the account that a deployment stands in. */
export interface AccountAddress {
  readonly address: Address;
  /** What has it, as the account calls it: "eni-…", or "eipalloc-…" where nothing uses the address. */
  readonly resource: string;
  readonly region: string;
  /** What its security groups let in; null where it has none. */
  readonly allowed: readonly AllowedPorts[] | null;
}
