import { type Fault, fault, type Place } from '../domain/errors.ts';
import type { AddressRange } from '../domain/scan.ts';
import type { Address } from '../domain/units.ts';
import { intersectSpans, mergeSpans, placeOf, rangeOf, type Span, spanOf, subtractSpans } from './address-line.ts';
import { formatRange } from './address-set.ts';
import { formatIpv4 } from './ip-literal.ts';
import { type Block, LINK_LOCAL, LOOPBACK, NEVER, NOT_GLOBAL } from './special-addresses.ts';

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

const holds = (spans: readonly Span[], place: bigint): boolean =>
  spans.some(([first, last]) => first <= place && place <= last);

/**
 * May this address not be asked? For the worker, which trusts neither the message nor the plan.
 * `names` are the host names that resolved to it: one of them in the scope is as good as the address.
 */
export function isForbidden(policy: Policy, address: Address, names: readonly string[] = []): boolean {
  const place = placeOf(address);
  if (forbiddenBlocks(policy).some(({ spans }) => holds(spans, place))) return true;
  const { scope } = policy;
  if (scope === null || names.some((name) => isNameInScope(scope, name))) return false;
  return !holds(scope.ranges.map(spanOf), place);
}

/** Whom a fault of the policy speaks of. */
export interface Subject {
  /** As the sentence names it; the ranges themselves when left out. */
  readonly words?: string;
  readonly at?: Place;
  /** The host name that resolved to the ranges. */
  readonly name?: string;
}

/**
 * Why these addresses may not be scanned: at most one fault for the blocks they lie in or hold, one for the scope.
 * Arithmetic on ranges, whose cost does not grow with the number of addresses. Subtract what the user excluded first.
 */
export function checkAddresses(policy: Policy, ranges: readonly AddressRange[], subject: Subject = {}): Fault[] {
  const spans = mergeSpans(ranges.map(spanOf));
  const words = subject.words ?? spans.map((span) => formatRange(rangeOf(span))).join(', ');
  const place = subject.at ? { at: subject.at } : {};
  const faults: Fault[] = [];
  const hit = forbiddenBlocks(policy).filter((block) => intersectSpans(spans, block.spans).length > 0);
  if (hit.length > 0) faults.push(blockFault(policy, words, spans, hit, place));
  const outside = outsideScope(policy, spans, subject.name);
  if (outside.length > 0) faults.push(scopeFault(policy, words, spans, outside, place));
  return faults;
}

/** The spans lie wholly in one block, or hold some of the blocks. */
function blockFault(
  policy: Policy,
  words: string,
  spans: readonly Span[],
  hit: readonly Block[],
  place: { at?: Place },
): Fault {
  const around = hit.find((block) => subtractSpans(spans, block.spans).length === 0);
  if (around) {
    const mend = mendInside(policy, spans, around);
    return fault('TARGET_FORBIDDEN', `${words} is ${around.what} (${around.cidr}).`, { ...place, mend });
  }
  const list = hit.map(({ cidr, what }) => `${cidr} (${what})`).join(', ');
  const mend = `Exclude ${hit.length === 1 ? 'it' : 'them'}: ${hit.map(({ cidr }) => cidr).join(' ')}`;
  return fault('TARGET_FORBIDDEN', `${words} takes in what may not be scanned: ${list}.`, { ...place, mend });
}

function mendInside(policy: Policy, spans: readonly Span[], { spans: own, ipv4At, what }: Block): string {
  const [[first, last] = [0n, 1n]] = spans;
  if (ipv4At !== undefined && spans.length === 1 && first === last) {
    return `Write the IPv4 address: ${formatIpv4(Number((first >> ipv4At) & 0xffff_ffffn))}`;
  }
  if (ipv4At !== undefined) return 'Write the IPv4 addresses.';
  const isOf = (blocks: readonly Block[]) => blocks.some((block) => block.spans === own);
  if (!policy.allowPrivate && isOf(NOT_GLOBAL)) {
    return 'Remove it, or let this deployment scan private networks (allowPrivate).';
  }
  return isOf(NEVER) ? `Remove it: ${what} is never scanned.` : 'Remove it: a deployment does not scan itself.';
}

function outsideScope({ scope }: Policy, spans: readonly Span[], name: string | undefined): readonly Span[] {
  if (scope === null || (name !== undefined && isNameInScope(scope, name))) return [];
  return subtractSpans(spans, mergeSpans(scope.ranges.map(spanOf)));
}

function scopeFault(
  { scope }: Policy,
  words: string,
  spans: readonly Span[],
  outside: readonly Span[],
  place: { at?: Place },
): Fault {
  if (scope === null || scope.ranges.length + scope.names.length === 0) {
    const mend = 'List the networks and names that you may scan under "scope" in the cdk context, and deploy again.';
    return fault('TARGET_FORBIDDEN', `${words} may not be scanned: the scope of this deployment is empty.`, {
      ...place,
      mend,
    });
  }
  const whole = subtractSpans(spans, outside).length === 0;
  const shown = outside.slice(0, 3).map((span) => formatRange(rangeOf(span)));
  const part = whole ? '' : ` with ${shown.join(', ')}${outside.length > 3 ? ' …' : ''}`;
  const mend = 'Remove it, or add it to "scope" in the cdk context and deploy again.';
  return fault('TARGET_FORBIDDEN', `${words} lies outside of the scope of this deployment${part}.`, { ...place, mend });
}
