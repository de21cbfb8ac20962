import { rangeOf, type Span } from '../domain/addresses/address-line.ts';
import { formatRange } from '../domain/addresses/address-set.ts';
import { formatIpv4 } from '../domain/addresses/ip-literal.ts';
import { type Block, LOOPBACK, NEVER } from '../domain/addresses/special-addresses.ts';
import { type ErrorValue, errorValue, type Place } from '../domain/errors.ts';
import { subtractIntervals } from '../domain/intervals.ts';

const forbidden = (detail: string, hint: string, at: Place | undefined): ErrorValue =>
  errorValue('TARGET_FORBIDDEN', detail, { hint, ...(at && { at }) });

/** The spans lie in one block of special addresses, or take in the blocks of `hit`. */
export function blockError(
  words: string,
  spans: readonly Span[],
  hit: readonly Block[],
  at: Place | undefined,
): ErrorValue {
  const around = hit.find((block) => subtractIntervals(spans, block.spans).length === 0);
  if (around) return forbidden(`${words} is ${around.what} (${around.cidr}).`, hintInside(spans, around), at);
  const list = hit.map(({ cidr, what }) => `${cidr} (${what})`).join(', ');
  const hint = `Exclude ${hit.length === 1 ? 'it' : 'them'}: ${hit.map(({ cidr }) => cidr).join(' ')}`;
  return forbidden(`${words} takes in what may not be scanned: ${list}.`, hint, at);
}

function hintInside(spans: readonly Span[], block: Block): string {
  const [[first, last] = [0n, 1n]] = spans;
  if (block.ipv4At !== undefined) {
    const single = spans.length === 1 && first === last;
    if (!single) return 'Write the IPv4 addresses.';
    return `Write the IPv4 address: ${formatIpv4(Number((BigInt(first) >> block.ipv4At) & 0xffff_ffffn))}`;
  }
  if (NEVER.includes(block)) return 'Remove it: such addresses are never scanned.';
  if (LOOPBACK.includes(block)) return 'Remove it: a deployment does not scan itself.';
  return 'Remove it, or let this deployment scan such networks (see "allowPrivate" in the cdk context).';
}

/** The owner of the deployment has listed nothing at all. */
export const emptyScopeError = (words: string, at: Place | undefined): ErrorValue =>
  forbidden(
    `${words} may not be scanned: the scope of this deployment is empty.`,
    'List the networks and names that you may scan under "scope" in the cdk context, and deploy again.',
    at,
  );

/** More of them in one sentence are of no help. */
const MOST_SHOWN = 3;

/** `outside` is what the scope does not hold of the spans. */
export function scopeError(
  words: string,
  spans: readonly Span[],
  outside: readonly Span[],
  at: Place | undefined,
): ErrorValue {
  const whole = subtractIntervals(spans, outside).length === 0;
  const shown = outside.slice(0, MOST_SHOWN).map((span) => formatRange(rangeOf(span)));
  const part = whole ? '' : ` with ${shown.join(', ')}${outside.length > MOST_SHOWN ? ' and more' : ''}`;
  const hint = 'Remove it, or add it to "scope" in the cdk context and deploy again.';
  return forbidden(`${words} lies outside of the scope of this deployment${part}.`, hint, at);
}
