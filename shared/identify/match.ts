import { latin1 } from '../domain/bytes.ts';
import type { PortNumber } from '../domain/units.ts';
import { MATCHERS } from './protocols/all.ts';
import type { Match, Matcher } from './protocols/kit/matcher.ts';

/** What all matchers together make of an answer: the surest, and where to ask on if any of them knows. */
export interface Opinion {
  readonly best: Match;
  readonly next: Match['next'];
}

/**
 * Lets every matcher look. Of those that are equally sure, one that is usual on the port is believed, and then the
 * first of the table.
 */
export function match(bytes: Uint8Array, asked: string | null, port: PortNumber): Opinion | null {
  const heard = { bytes, text: latin1(bytes), asked };
  const found = MATCHERS.flatMap((matcher) => {
    const match = matcher.match(heard);
    return match === null ? [] : [{ match, usual: isUsual(matcher, port) }];
  });
  // Sorting is stable: the order of the table stays among equals.
  found.sort((a, b) => b.match.confidence - a.match.confidence || Number(b.usual) - Number(a.usual));
  const [best] = found;
  if (best === undefined) return null;
  return { best: best.match, next: found.find(({ match }) => match.next)?.match.next };
}

const isUsual = ({ ports, tlsPorts }: Matcher, port: PortNumber): boolean =>
  ports.includes(port) || tlsPorts.includes(port);
