import { inEveryZone, pointOf, rangeOf, type Span } from '../domain/addresses/address-line.ts';
import { formatRange, spansOf, spansOfFamily } from '../domain/addresses/address-set.ts';
import { type Block, LINK_LOCAL, LOOPBACK, NEVER, NOT_GLOBAL } from '../domain/addresses/special-addresses.ts';
import { ErrorList } from '../domain/error-list.ts';
import type { ErrorValue } from '../domain/errors.ts';
import { quoted } from '../domain/excerpt.ts';
import {
  hasPoint,
  intersectIntervals,
  mergeIntervals,
  overlapsInterval,
  subtractIntervals,
} from '../domain/intervals.ts';
import type { AddressRange } from '../domain/scan.ts';
import type { Address } from '../domain/units.ts';
import { type ParsedRequest, textOf } from './parse-request.ts';
import { parseTarget } from './parse-target.ts';
import { blockError, emptyScopeError, scopeError } from './policy-errors.ts';
import { placeOf } from './target-text.ts';

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
  /** All public addresses of the account that the deployment stands in, as the account itself says. */
  readonly own?: true;
}

/** The policy with what the account has just said that it owns. */
export const withOwn = (policy: Policy, own: readonly Address[]): Policy =>
  policy.scope?.own
    ? {
        ...policy,
        scope: {
          ...policy.scope,
          ranges: [...policy.scope.ranges, ...own.map((each) => ({ first: each, last: each }))],
        },
      }
    : policy;

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
export function isNameInScope(scope: Scope, name: string): boolean {
  const plain = (text: string) => text.toLowerCase().replace(/\.$/, '');
  return scope.names.some((listed) =>
    listed.startsWith('*.') ? plain(name).endsWith(plain(listed.slice(1))) : plain(name) === plain(listed),
  );
}

/** What a policy comes to, as lists of intervals: made once, and looked up for every address. */
interface Limits {
  readonly policy: Policy;
  readonly blocks: readonly Block[];
  /** All blocks together. */
  readonly forbidden: readonly Span[];
  /** What the scope lists; null where there is none. */
  readonly scope: readonly Span[] | null;
}

function limitsOf(policy: Policy): Limits {
  const blocks = forbiddenBlocks(policy);
  const forbidden = mergeIntervals(blocks.flatMap(({ spans }) => spans));
  return { policy, blocks, forbidden, scope: policy.scope && inEveryZone(spansOf(policy.scope.ranges)) };
}

/** Why an address may not be probed: it is never scanned by such a policy, or no network of the scope holds it. */
export type Prohibition = 'forbidden' | 'out-of-scope';

/** The policy as a question about one address, for workers; undefined where the address may be probed. */
export function prohibitions(policy: Policy): (address: Address) => Prohibition | undefined {
  const { forbidden, scope } = limitsOf(policy);
  return (address) => {
    const point = pointOf(address);
    if (hasPoint(forbidden, point)) return 'forbidden';
    return scope === null || hasPoint(scope, point) ? undefined : 'out-of-scope';
  };
}

/** Whom an error of the policy speaks of; the addresses themselves when left out. */
interface Named {
  readonly words?: string;
  readonly at?: ErrorValue['at'];
  /** The host name that resolved to the addresses: in the scope, it stands for them. */
  readonly name?: string;
}

/** Why these addresses, merged, may not be scanned: at most one error for the blocks that they lie in or take in, one for the scope. */
export const checkAddresses = (policy: Policy, spans: readonly Span[], named: Named = {}): ErrorValue[] =>
  refusals(limitsOf(policy), spans, named);

/** Arithmetic on intervals, whose cost does not grow with the number of addresses. */
function refusals(limits: Limits, spans: readonly Span[], { words, at, name }: Named): ErrorValue[] {
  const isHit = limits.forbidden.some((span) => overlapsInterval(spans, span));
  const outside = outsideScope(limits, spans, name);
  if (!isHit && outside.length === 0) return [];
  const subject = words ?? spans.map((span) => formatRange(rangeOf(span))).join(', ');
  const errors: ErrorValue[] = [];
  if (isHit) {
    const hit = limits.blocks.filter((block) => block.spans.some((span) => overlapsInterval(spans, span)));
    errors.push(blockError(subject, spans, hit, at));
  }
  if (outside.length > 0) {
    const { scope } = limits.policy;
    const isEmpty = scope?.ranges.length === 0 && scope.names.length === 0 && !scope.own;
    errors.push(isEmpty ? emptyScopeError(subject, at) : scopeError(subject, spans, outside, at));
  }
  return errors;
}

/** Those of the addresses that may not be scanned. */
const refusedOf = (limits: Limits, spans: readonly Span[]): Span[] =>
  mergeIntervals([...intersectIntervals(spans, limits.forbidden), ...outsideScope(limits, spans, undefined)]);

function outsideScope({ policy, scope }: Limits, spans: readonly Span[], name: string | undefined): readonly Span[] {
  if (scope === null || (policy.scope && name !== undefined && isNameInScope(policy.scope, name))) return [];
  return subtractIntervals(spans, scope);
}

/** A host name of the request, and what it resolved to. */
export interface ResolvedTarget {
  readonly name: string;
  readonly at: ErrorValue['at'];
  readonly spans: readonly Span[];
}

/**
 * Why the targets of a request may not be scanned, each error at its target. Every address that a name resolved to is
 * checked, because a name can point anywhere. What the request leaves out, by address or by family, does not count.
 */
export function checkTargets(
  policy: Policy,
  request: Pick<ParsedRequest, 'raw' | 'fields' | 'addresses' | 'family'>,
  resolved: readonly ResolvedTarget[],
  excluded: readonly Span[],
): readonly ErrorValue[] {
  const limits = limitsOf(policy);
  const errors = new ErrorList();
  const meant = (spans: readonly Span[]) => {
    const left = subtractIntervals(spans, excluded);
    return request.family === null ? left : spansOfFamily(left, request.family);
  };
  // One walk over a list of a hundred thousand targets; only when it meets something is each target looked at. Names alike.
  const refused = refusedOf(limits, meant(request.addresses));
  let pieces = 0;
  for (const target of refused.length > 0 ? request.raw.targets : []) {
    const source = textOf(target, request.fields.targets);
    const spec = parseTarget(source.text, source.field);
    if (!spec.ok || spec.value.kind !== 'range') continue;
    const { spans } = spec.value;
    if (!spans.some((span) => overlapsInterval(refused, span))) continue;
    if (errors.isFull || pieces > MOST_PIECES) {
      errors.omit(1);
      continue;
    }
    const left = meant(mergeIntervals(spans));
    pieces += left.length;
    errors.add(...refusals(limits, left, { words: quoted(source.text), at: placeOf(source) }));
  }
  const refusedOfNames = refusedOf(limits, meant(mergeIntervals(resolved.flatMap(({ spans }) => spans))));
  for (const { name, at, spans } of refusedOfNames.length > 0 ? resolved : []) {
    for (const span of meant(spans)) {
      const words = `"${name}" (${formatRange(rangeOf(span))})`;
      errors.add(...refusals(limits, [span], { words, name, ...(at && { at }) }));
    }
  }
  return errors.all();
}

/** What exclusions leave of targets that are refused: thousands of pieces of each of a hundred would be 30 ms of work. */
const MOST_PIECES = 16_384;

const EVERY_LOOPBACK = mergeIntervals(LOOPBACK.flatMap(({ spans }) => spans));

/** Are these, merged, all addresses of the scanner's own machine? */
export const isLoopback = (spans: readonly Span[]): boolean => subtractIntervals(spans, EVERY_LOOPBACK).length === 0;
