import { PROTOCOLS, type Protocol } from '../domain/probe.ts';
import { isPattern, portsOfService, serviceNames } from '../domain/registry/services.ts';
import { editDistance } from './edit-distance.ts';

/** Ways in which ports are written elsewhere, and how they are written here. */
const REWRITES: readonly (readonly [form: RegExp, rewrite: (match: RegExpExecArray) => string])[] = [
  // A dash of typography, or the range of another language: 80–90, 80..90, 80:90, 80~90, 80 to 90.
  [/^(\d*)\s*(?:[\u2010-\u2015\u2212]|\.\.\.?|:|~|to)\s*(\d*)$/, ([, first, last]) => `${first}-${last}`],
  // As other tools print it: 80/tcp.
  [/^(\d+)\/(tcp|udp)$/i, ([, port, protocol]) => `${protocol?.[0]?.toUpperCase()}:${port}`],
  // A list with other signs between: "22 80", "22;80", "22|80".
  [/^[\w*-]+(?:(?:\s+|\s*[;|/+]\s*)[\w*-]+)+$/, ([whole]) => whole.split(/[\s;|/+]+/).join(',')],
  // With something around it: "80", :80, +80, #80.
  [/^["'(:+#=]+([\w*-]+)["')]*$/, ([, inner]) => `${inner}`],
];

/** Longer than anything written in place of one word of ports. */
const LONGEST_REWRITE = 100;

/** What the word was meant to be, in our grammar, if that can be guessed. The guess may itself be unreadable. */
export function rewritten(word: string): string | undefined {
  if (word.length > LONGEST_REWRITE) return undefined;
  for (const [form, rewrite] of REWRITES) {
    const match = form.exec(word);
    if (match) return rewrite(match);
  }
  return undefined;
}

/** "T" or "U", where the service is one of that protocol and not of those asked for. */
export function otherProtocolOf(name: string, asked: readonly Protocol[]): 'T' | 'U' | undefined {
  const other = PROTOCOLS.find((protocol) => !asked.includes(protocol) && portsOfService(name, protocol).length > 0);
  return other && (other === 'tcp' ? 'T' : 'U');
}

/** Words longer than this are no misspelt service: the longest name has 19 letters. */
const LONGEST_NAME = 25;

/** After some wrong names a text is no list of services at all, and no guess helps. */
const MOST_GUESSES = 20;

/**
 * The service whose name is nearest to the misspelt one, by at most two letters. Among equals the one with the same
 * first letter, which is seldom wrong, then the registry's first.
 */
export function nearestService(name: string, protocols: readonly Protocol[], guessesSoFar: number): string | undefined {
  if (name.length > LONGEST_NAME || guessesSoFar >= MOST_GUESSES || isPattern(name)) return undefined;
  const wanted = name.toLowerCase();
  const letters = lettersOf(wanted);
  const farthest = Math.min(2, Math.floor(wanted.length / 2));
  let nearest: { readonly name: string; readonly cost: number } | undefined;
  for (const protocol of protocols) {
    for (const candidate of serviceNames(protocol)) {
      if (Math.abs(candidate.length - wanted.length) > farthest) continue;
      // An edit takes one letter out and puts one in at the most: names with other letters need no closer look.
      if (countBits(letters ^ lettersOf(candidate)) > 2 * farthest) continue;
      const distance = editDistance(wanted, candidate);
      const cost = distance + (candidate[0] === wanted[0] ? 0 : 0.5);
      if (distance <= farthest && cost < (nearest?.cost ?? Number.POSITIVE_INFINITY))
        nearest = { name: candidate, cost };
    }
  }
  return nearest?.name;
}

/** Which letters a word has, a bit for each: 32 bits for the signs of service names, a few of which share one. */
function lettersOf(word: string): number {
  let bits = 0;
  for (let at = 0; at < word.length; at++) bits |= 1 << (word.charCodeAt(at) & 31);
  return bits;
}

function countBits(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}
