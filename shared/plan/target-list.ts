import type { TargetText } from './target-text.ts';

/**
 * The targets in the text of a file: words between white space, from "#" to the end of the line a comment. Each knows
 * its line as "hosts.txt:3", so that a fault says where it stands.
 */
export function splitTargetList(text: string, file: string): TargetText[] {
  return text.split(/\r\n|\r|\n/).flatMap((line, index) => {
    const words = line.replace(/#.*$/, '').split(/\s+/).filter(Boolean);
    return words.map((word) => ({ text: word, field: `${file}:${index + 1}` }));
  });
}
