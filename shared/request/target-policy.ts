import { pointOf, rangeOf, type Span } from '../domain/addresses/address-line.ts';
import { formatRange, ofFamily, singleAddress, spansOf, subtractAddresses } from '../domain/addresses/address-set.ts';
import { type Block, LINK_LOCAL, LOOPBACK, NEVER, NOT_GLOBAL } from '../domain/addresses/special-addresses.ts';
import type { ErrorValue } from '../domain/errors.ts';
import { hasPoint, intersectIntervals, mergeIntervals, subtractIntervals } from '../domain/intervals.ts';
import type { AddressRange, ResolvedName } from '../domain/scan.ts';
import type { Address } from '../domain/units.ts';
import type { ParsedRequest } from './parse-request.ts';
import { blockError, emptyScopeError, type PolicySubject, scopeError } from './policy-errors.ts';

/** What a scanner may scan, as data. For what is never scanned there is no switch: see `NEVER`. */
export interface Policy {
  /** 127.0.0.0/8 and ::1, the scanner's own machine. */
  readonly allowLoopback: boolean;
  /** fe80::/10. */
  readonly allowLinkLocal: boolean;
  /** Private, shared, reserved and documentation blocks: all that the whole Internet does not reach. */
  readonly allowPrivate: boolean;
  /** What the owner listed; null where nothing need be listed, as on one's own machine. */
  readonly scope: Scope | null;
}

/** Networks and host names that may be scanned. "*.example.com" is every name below example.com. */
export interface Scope {
  readonly ranges: readonly AddressRange[];
  readonly names: readonly string[];
}

/** One's own machine may look at its own networks. */
export const LOCAL_POLICY: Policy = { allowLoopback: true, allowLinkLocal: true, allowPrivate: true, scope: null };

/** A fleet in the cloud whose owner has listed nothing yet: it scans nothing. */
export const DEPLOYED_POLICY: Policy = {
  allowLoopback: false,
  allowLinkLocal: false,
  allowPrivate: false,
  scope: { ranges: [], names: [] },
};

const forbiddenBlocks = (policy: Policy): readonly Block[] => [
  ...NEVER,
  ...(policy.allowLoopback ? [] : LOOPBACK),
  ...(policy.allowLinkLocal ? [] : LINK_LOCAL),
  ...(policy.allowPrivate ? [] : NOT_GLOBAL),
];

/** Is the name one that the scope lists, or below one? A trailing dot and the case do not matter. */
function isNameInScope(scope: Scope, name: string): boolean {
  const plain = (text: string) => text.toLowerCase().replace(/\.$/, '');
  return scope.names.some((listed) =>
    listed.startsWith('*.') ? plain(name).endsWith(plain(listed.slice(1))) : plain(name) === plain(listed),
  );
}

/**
 * May this address not be asked? For the worker, which trusts neither the message nor the plan.
 * `names` are the host names that resolved to it: one of them in the scope is as good as the address.
 */
export function isForbidden(policy: Policy, address: Address, names: readonly string[] = []): boolean {
  const point = pointOf(address);
  if (forbiddenBlocks(policy).some(({ spans }) => hasPoint(spans, point))) return true;
  const { scope } = policy;
  if (scope === null || names.some((name) => isNameInScope(scope, name))) return false;
  return !hasPoint(spansOf(scope.ranges), point);
}

/**
 * Why these addresses may not be scanned: at most one error for the blocks they lie in or take in, one for the scope.
 * Arithmetic on ranges, whose cost does not grow with the number of addresses. `name` is the host name that resolved
 * to them.
 */
export function checkAddresses(
  policy: Policy,
  ranges: readonly AddressRange[],
  { words, at, name }: PolicySubject & { readonly name?: string } = {},
): ErrorValue[] {
  const spans = spansOf(ranges);
  const subject = words ?? spans.map((span) => formatRange(rangeOf(span))).join(', ');
  const errors: ErrorValue[] = [];
  const hit = forbiddenBlocks(policy).filter((block) => intersectIntervals(spans, block.spans).length > 0);
  if (hit.length > 0) errors.push(blockError(subject, spans, hit, at));
  const outside = outsideScope(policy, spans, name);
  if (outside.length > 0) {
    const empty = policy.scope?.ranges.length === 0 && policy.scope.names.length === 0;
    errors.push(empty ? emptyScopeError(subject, at) : scopeError(subject, spans, outside, at));
  }
  return errors;
}

function outsideScope({ scope }: Policy, spans: readonly Span[], name: string | undefined): readonly Span[] {
  if (scope === null || (name !== undefined && isNameInScope(scope, name))) return [];
  return subtractIntervals(spans, spansOf(scope.ranges));
}

/**
 * Why the targets of a request may not be scanned, each error at its target. Every address that a name resolved to is
 * checked, because a name can point anywhere. What the request leaves out, by address or by family, does not count.
 */
export function checkTargets(
  policy: Policy,
  request: Pick<ParsedRequest, 'literals' | 'names' | 'excluded' | 'family'>,
  resolved: readonly ResolvedName[],
): ErrorValue[] {
  const meant = (ranges: readonly AddressRange[]) => {
    const left = subtractAddresses(ranges, request.excluded);
    return request.family === null ? left : ofFamily(left, request.family);
  };
  const byName = new Map(resolved.map(({ name, addresses }) => [name, addresses]));
  const all = meant(request.literals.flatMap(({ ranges }) => ranges));
  // One walk over a list of a hundred thousand targets; only when it meets a error is each target looked at.
  const literals = checkAddresses(policy, all).length === 0 ? [] : request.literals;
  return [
    ...literals.flatMap(({ ranges, at }) => checkAddresses(policy, meant(ranges), { words: `"${at.text}"`, at })),
    ...request.names.flatMap(({ name, at }) =>
      meant((byName.get(name) ?? []).map(singleAddress)).flatMap((range) =>
        checkAddresses(policy, [range], { words: `"${name}" (${formatRange(range)})`, at, name }),
      ),
    ),
  ];
}

/** Are these all addresses of the scanner's own machine? */
export function isLoopback(ranges: readonly AddressRange[]): boolean {
  const loopback = mergeIntervals(LOOPBACK.flatMap(({ spans }) => spans));
  return subtractIntervals(spansOf(ranges), loopback).length === 0;
}
