import { pointOf, type Span } from '../domain/addresses/address-line.ts';
import { ErrorList } from '../domain/error-list.ts';
import { errorValue } from '../domain/errors.ts';
import { mergeIntervals } from '../domain/intervals.ts';
import type { Result } from '../domain/result.ts';
import type { Address, Millis } from '../domain/units.ts';
import type { NamedTarget } from '../request/parse-request.ts';
import type { Clock } from '../seams/clock.ts';
import type { Resolver } from '../seams/resolver.ts';

export interface ResolveDeps {
  readonly resolver: Resolver;
  readonly clock: Pick<Clock, 'after'>;
  /** How long all names together may take; left out, as long as it takes. */
  readonly resolveWithin?: Millis;
}

/** What each name of a request stands for, fixed from now on. */
export interface ResolvedNames {
  addressesOf(name: string): readonly Address[];
  /** Those of several names, merged. */
  spansOf(names: readonly NamedTarget[]): readonly Span[];
}

/** As many as getaddrinfo has threads in Node: more would only wait there, in front of every file that is to be read. */
const NAMES_AT_ONCE = 4;

/** Looks every name up once, a few at a time. Errors: TARGET_UNRESOLVED, for each that has no address. */
export async function resolveNames(wanted: readonly NamedTarget[], deps: ResolveDeps): Promise<Result<ResolvedNames>> {
  const unique = [...new Map(wanted.map((each) => [each.name, each])).values()];
  const answers = new Map<string, readonly Address[]>();
  const late = await inTime(deps, async (isOver) => {
    const waiting = unique.values();
    const lookUp = async (): Promise<void> => {
      for (const { name } of waiting) {
        if (isOver()) return;
        answers.set(name, await deps.resolver.resolve(name));
      }
    };
    await Promise.all(Array.from({ length: NAMES_AT_ONCE }, lookUp));
  });
  const errors = new ErrorList();
  for (const { name, at } of unique) {
    const found = answers.get(name);
    if (found && found.length > 0) continue;
    const detail = found || !late ? `"${name}" has no address.` : `"${name}" was not looked up in time.`;
    errors.add(errorValue('TARGET_UNRESOLVED', detail, { at, ...(!found && late && { hint: FEWER_NAMES }) }));
  }
  const addressesOf = (name: string) => answers.get(name) ?? [];
  return errors.resultOf(() => ({
    addressesOf,
    spansOf: (names) =>
      mergeIntervals(names.flatMap(({ name }) => addressesOf(name).map((address) => singleSpan(pointOf(address))))),
  }));
}

const FEWER_NAMES = 'Name fewer hosts in one request, or give addresses.';

const singleSpan = (point: Span[0]): Span => [point, point];

/** Runs the work; true when the time was up before it was done. */
async function inTime(
  { clock, resolveWithin }: ResolveDeps,
  work: (isOver: () => boolean) => Promise<void>,
): Promise<boolean> {
  let over = false;
  const done = work(() => over);
  if (resolveWithin === undefined) {
    await done;
    return false;
  }
  let takeBack = (): void => {};
  const timeUp = new Promise<void>((resolve) => {
    takeBack = clock.after(resolveWithin, () => {
      over = true;
      resolve();
    });
  });
  // What the resolver says after that does not matter any more, nor does an error of it.
  done.catch(() => {});
  await Promise.race([done, timeUp]);
  takeBack();
  return over;
}
