import { type Matcher, SURE } from './kit/matcher.ts';
import { textQuestion } from './kit/words.ts';

const hex = (value: number): string => value.toString(16).padStart(8, '0');
const argument = (text: string): string => `ARGV${hex(text.length)}${text}`;

/** To compile an empty file: the only thing that the server can be asked, on its usual port alone. */
const ARGUMENTS = ['cc', '-c', 'x.c', '-o', 'x.o'];
const JOB = `DIST${hex(1)}ARGC${hex(ARGUMENTS.length)}${ARGUMENTS.map(argument).join('')}DOTI${hex(0)}`;

/** Whoever reaches it runs a compiler there, and by old versions anything. */
export const distcc: Matcher = {
  name: 'distccd',
  source: 'distcc doc/protocol-1.txt',
  ports: [3632],
  tlsPorts: [],
  question: textQuestion('distcc', JOB),
  match({ text, asked }) {
    const [found, protocol] = asked === 'distcc' ? (/^DONE0000000(\d)STAT[0-9a-f]{8}/.exec(text) ?? []) : [];
    if (found === undefined) return null;
    const compiler = /GCC: \(([^)]{1,60})\) (\d[\d.]{1,12})|clang version (\d[\d.]{1,12})/.exec(text);
    const [, , gcc, clang] = compiler ?? [];
    const tells = gcc ? `; GCC ${gcc}` : clang ? `; clang ${clang}` : '';
    return { name: 'distccd', product: 'distccd', info: `protocol ${protocol}${tells}`, confidence: SURE };
  },
};
