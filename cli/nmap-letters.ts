/**
 * nmap's options of two letters behind one dash, which a parser of short options would read as two options. Each has a
 * long name of ours; where nmap has none, neither do we invent another meaning.
 */
const LONG_NAMES: Readonly<Record<string, string>> = {
  '-sU': '--udp',
  '-sV': '--service-detection',
  '-iL': '--input-list',
  '-oN': '--output-text',
  '-oX': '--output-xml',
  '-oG': '--output-greppable',
  '-oJ': '--output-json',
  '-oA': '--output-all',
  '-p-': '--ports=-',
};

/** nmap's `-d`, `-n`, `-Pn`, `-sT` say what Portfleet does anyway. */
const ALREADY_SO = new Set(['-sT', '-Pn', '-n']);

/** The command line with nmap's letters spelled out, up to "--". */
export function spellOut(words: readonly string[]): string[] {
  const end = words.indexOf('--');
  const options = end === -1 ? words : words.slice(0, end);
  const rest = end === -1 ? [] : words.slice(end);
  return [...options.filter((word) => !ALREADY_SO.has(word)).flatMap(spellOutOne), ...rest];
}

function spellOutOne(word: string): string[] {
  const long = LONG_NAMES[word];
  if (long) return [long];
  // -T4 and -p22,80 carry their value with them; "-p -1024" and "-p -" begin with a dash of their own.
  const attached = /^-p(.+)$/.exec(word);
  return attached ? [`--ports=${attached[1]}`] : [word];
}
