export interface ShippedPackage {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression. */
  readonly licence: string;
  readonly where: readonly ('command' | 'functions' | 'page')[];
  /** The checksum that npm has of it. */
  readonly integrity: string;
}

export function shippedPackages(): Promise<ShippedPackage[]>;
