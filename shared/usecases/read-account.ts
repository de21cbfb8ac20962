import type { AccountAddress } from '../domain/account.ts';
import { pointOf, type Span } from '../domain/addresses/address-line.ts';
import { errorValue } from '../domain/errors.ts';
import { mergeIntervals } from '../domain/intervals.ts';
import { err, ok, type Result } from '../domain/result.ts';
import type { Address } from '../domain/units.ts';
import type { InventoryTarget, ParsedRequest } from '../request/parse-request.ts';
import type { Policy, ResolvedTarget } from '../request/target-policy.ts';
import { type AccountInventory, WHOLE_ACCOUNT } from '../seams/account-inventory.ts';

/** What the account was asked for one request. */
export interface AccountTargets {
  /** The addresses that each of its inventory targets stands for. */
  readonly targets: readonly ResolvedTarget[];
  readonly spans: readonly Span[];
  /** Everything that the account has, where the scope is what it owns. */
  readonly own: readonly Address[];
  readonly known: readonly AccountAddress[];
}

const NOTHING: AccountTargets = { targets: [], spans: [], own: [], known: [] };

/** Asks the account for what the request, or the scope, leaves to it to say; nobody else is taken at his word. */
export async function readAccount(
  { inventory }: Pick<ParsedRequest, 'inventory'>,
  { policy, account }: { readonly policy: Policy; readonly account?: AccountInventory },
): Promise<Result<AccountTargets>> {
  const [first] = inventory;
  if (!account) return first ? err(nowhere(first)) : ok(NOTHING);
  const own = policy.scope?.own ? await account.read(WHOLE_ACCOUNT) : [];
  const found = await Promise.all(inventory.map(async ({ filter, at }) => ({ at, all: await account.read(filter) })));
  const known = new Map([...own, ...found.flatMap(({ all }) => all)].map((each) => [each.address, each]));
  const targets = found.map(({ at, all }) => ({ name: 'aws', at, spans: spansOfAll(all) }));
  return ok({
    targets,
    spans: targets.flatMap(({ spans }) => spans),
    own: own.map(({ address }) => address),
    known: [...known.values()],
  });
}

const spansOfAll = (all: readonly AccountAddress[]): Span[] =>
  mergeIntervals(all.map(({ address }): Span => [pointOf(address), pointOf(address)]));

const nowhere = ({ at }: InventoryTarget) =>
  errorValue('TARGET_UNREADABLE', '"aws" stands for the public addresses of an AWS account, and there is none here.', {
    at,
    hint: 'Send the scan to a deployment with --endpoint; a host that is called aws, write as "aws.".',
  });
