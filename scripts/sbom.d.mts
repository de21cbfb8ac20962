import type { ShippedPackage } from './shipped.mjs';

export interface BillOfMaterials {
  readonly bomFormat: string;
  readonly specVersion: string;
  readonly components: readonly {
    readonly name: string;
    readonly version: string;
    readonly purl: string;
    readonly hashes: readonly { readonly alg: string; readonly content: string }[];
  }[];
}

export function billOfMaterials(packages?: readonly ShippedPackage[]): Promise<BillOfMaterials>;
