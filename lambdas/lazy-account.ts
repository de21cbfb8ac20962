import type { AccountAddress } from '../shared/domain/account.ts';
import { type AccountInventory, WHOLE_ACCOUNT } from '../shared/seams/account-inventory.ts';
import type { Clock } from '../shared/seams/clock.ts';

/** A worker takes what it heard of the account for as good so long: an address given up is no longer ours soon after. */
const GOOD_FOR = 5 * 60_000;

/** The clients of EC2 are loaded with the first question to the account; most deployments never ask one. */
export const lazyAccount = (): AccountInventory => ({
  async read(filter) {
    const { makeAccountInventory } = await import('./aws/account-inventory.ts');
    return makeAccountInventory().read(filter);
  },
});

/** The same for a worker, which asks for the whole account before each chunk: that answer is kept for some minutes. */
export function keptAccount(account: AccountInventory, clock: Pick<Clock, 'now'>): AccountInventory {
  let kept: { readonly at: number; readonly all: Promise<readonly AccountAddress[]> } | undefined;
  return {
    read: (filter) => {
      if (filter !== WHOLE_ACCOUNT) return account.read(filter);
      if (!kept || clock.now() - kept.at >= GOOD_FOR) {
        const all = account.read(filter);
        kept = { at: clock.now(), all };
        all.catch(() => {
          kept = undefined;
        });
      }
      return kept.all;
    },
  };
}
