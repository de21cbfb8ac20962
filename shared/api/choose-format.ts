import { errorValue } from '../domain/errors.ts';
import { err, ok, type Result } from '../domain/result.ts';
import { unreadableParameter } from './read-query.ts';

/** The formats that a document comes in. Of two with one media type, `Accept` means the first. */
export type Offer<Name extends string> = Readonly<Record<Name, { readonly mediaType: string }>>;

/**
 * The format that `?format=` names, or else the one that `Accept` likes best (RFC 9110, section 12.5.1), or else JSON.
 * Of formats that are liked equally, JSON comes first and then the order of the offer.
 */
export function chooseFormat<Name extends string>(
  offer: Offer<Name>,
  wanted: { readonly format: string | undefined; readonly accept: string | undefined },
  byDefault: NoInfer<Name>,
): Result<Name> {
  const names = Object.keys(offer) as Name[];
  if (wanted.format !== undefined) {
    const named = names.find((name) => name === wanted.format);
    return named ? ok(named) : err(unreadableParameter('format', wanted.format, `one of ${names.join(', ')}`));
  }
  const ranges = readAccept(wanted.accept || '*/*');
  let best = { name: byDefault, quality: qualityOf(ranges, offer[byDefault].mediaType) };
  for (const name of names) {
    const quality = qualityOf(ranges, offer[name].mediaType);
    if (quality > best.quality) best = { name, quality };
  }
  if (best.quality > 0) return ok(best.name);
  const types = [...new Set(names.map((name) => bare(offer[name].mediaType)))].join(', ');
  return err(errorValue('FORMAT_NOT_ACCEPTABLE', `"${wanted.accept}" accepts none of ${types}.`));
}

interface MediaRange {
  readonly type: string;
  readonly quality: number;
}

const bare = (mediaType: string): string => mediaType.replace(/;.*$/, '').trim().toLowerCase();

function readAccept(text: string): MediaRange[] {
  return text.split(',').map((range) => {
    const weight = /;\s*q=([01](?:\.\d{0,3})?)\s*(?:;|$)/i.exec(range)?.[1];
    return { type: bare(range), quality: weight === undefined ? 1 : Math.min(1, Number(weight)) };
  });
}

/** The most specific range that fits decides: "text/csv" before "text/*" before "*\/*". */
function qualityOf(ranges: readonly MediaRange[], mediaType: string): number {
  const type = bare(mediaType);
  for (const pattern of [type, type.replace(/\/.*/, '/*'), '*/*']) {
    const fitting = ranges.find((range) => range.type === pattern);
    if (fitting) return fitting.quality;
  }
  return 0;
}
