import type { AccountAddress } from '../domain/account.ts';

/** Which addresses of the account are meant: all where nothing is named. */
export interface InventoryFilter {
  readonly regions: readonly string[];
  readonly tags: readonly { readonly key: string; readonly value: string }[];
}

export const WHOLE_ACCOUNT: InventoryFilter = { regions: [], tags: [] };

/** What the account itself says that it has, read anew at every call, with actions that only read. */
export interface AccountInventory {
  read(filter: InventoryFilter): Promise<readonly AccountAddress[]>;
}
