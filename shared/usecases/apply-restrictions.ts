import { namesByAddress } from '../domain/address-names.ts';
import type { Chunk } from '../domain/chunk.ts';
import { countPorts } from '../domain/port-set.ts';
import type { Scan } from '../domain/scan.ts';
import type { Address } from '../domain/units.ts';
import { verdictCode } from '../domain/verdict.ts';
import { blockedPorts, type EgressRestrictions, isBlocked } from '../request/egress-restrictions.ts';
import { isNameInScope, type Policy, prohibitions } from '../request/target-policy.ts';
import { type AccountInventory, WHOLE_ACCOUNT } from '../seams/account-inventory.ts';
import type { Resolver } from '../seams/resolver.ts';

/** What a worker goes by, whatever its message or the stored plan says. */
export interface Restrictions {
  readonly policy: Policy;
  readonly egress: EgressRestrictions;
  /** For addresses that are in the scope by their name alone. Left out: such addresses are not probed. */
  readonly resolver?: Resolver | undefined;
  /** For addresses that are in the scope because the account has them. Left out: such addresses are not probed. */
  readonly account?: AccountInventory;
}

/**
 * Marks the probes that this worker may not send, or cannot, as unprobed. The policy is the worker's own: a message, or
 * a plan, may have been made by anyone who can write to the queue or to the table. So an address that no network of the
 * scope holds needs a name that the owner listed, and what that name stands for the worker asks the resolver itself:
 * the plan's word, that a name of the scope resolved to it, could be forged. What the account has, it asks the account.
 */
export async function applyRestrictions(
  scan: Scan,
  chunk: Chunk,
  codes: Uint8Array,
  restrictions: Restrictions,
): Promise<void> {
  const { policy, egress } = restrictions;
  const perAddress = chunk.ports.length;
  const prohibitionOf = prohibitions(policy);
  const isNamed = resolvesTo(scan, restrictions);
  const isOwned = ownedBy(restrictions);
  for (const [index, address] of chunk.addresses.entries()) {
    const start = index * perAddress;
    const blocked = blockedPorts(egress, address);
    // Mostly nothing is in the way, and a look at every port would be the dearest step before the first probe.
    let at = start;
    for (const { protocol, port } of blocked !== 'all' && countPorts(blocked) === 0 ? [] : chunk.ports) {
      if (isBlocked(blocked, protocol, port)) codes[at] = verdictCode('unprobed/blocked-by-egress');
      at += 1;
    }
    const prohibition = prohibitionOf(address);
    if (
      prohibition === undefined ||
      (prohibition === 'out-of-scope' && ((await isNamed(address)) || (await isOwned(address))))
    )
      continue;
    codes.fill(verdictCode('unprobed/forbidden'), start, start + perAddress);
  }
}

/** Does the account say that it has the address? Asked when the first of them has no other leave. */
function ownedBy({ policy, account }: Restrictions): (address: Address) => Promise<boolean> {
  let own: Promise<ReadonlySet<Address>> | undefined;
  return async (address) => {
    if (!policy.scope?.own || !account) return false;
    own ??= account.read(WHOLE_ACCOUNT).then((all) => new Set(all.map((each) => each.address)));
    return (await own).has(address);
  };
}

/** Does a name of the request that is in the scope stand for the address, now and as this worker sees it? */
function resolvesTo(scan: Scan, { policy: { scope }, resolver }: Restrictions): (address: Address) => Promise<boolean> {
  const names = namesByAddress(scan.names);
  const answers = new Map<string, Promise<readonly Address[]>>();
  return async (address) => {
    if (!scope || !resolver) return false;
    for (const name of names.get(address) ?? []) {
      if (!isNameInScope(scope, name)) continue;
      const answer = answers.get(name) ?? resolver.resolve(name);
      answers.set(name, answer);
      if ((await answer).includes(address)) return true;
    }
    return false;
  };
}
