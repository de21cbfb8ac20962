import { type Matcher, SURE } from './kit/matcher.ts';
import { textQuestion } from './kit/words.ts';

/** EXCSAT without a manager: the server answers with its attributes (EXCSATRD), or says what was wrong (SYNTAXRM). */
const EXCSAT =
  '\x00\x22\xd0\x01\x00\x01\x00\x1c\x10\x41\x00\x06\x11\x5e\x97\x86\x00\x06\x11\x6d\x97\x86\x00\x0c\x11\x5a\xd7\xc6\xf1\xf0\xf0\xf0\xf0\xf0';

/** Derby speaks EBCDIC only where it must: its class name is readable in both. */
const DERBY_ASCII = /Apache Derby|derby/i;
const DERBY_EBCDIC = /\xc1\x97\x81\x83\x88\x85\x40\xc4\x85\x99\x82\xa8/;
const DB2_EBCDIC = /\xd8\xc4\xc2\xf2/;

/** SRVRLSLV of Derby, "CSS10140/10.14.2.0 - (1828579)": what stands behind the stroke, in EBCDIC. */
const RELEASE = /\x11\x5a\xc3\xe2\xe2[\xf0-\xf9]{1,8}\x61([\xf0-\xf9][\xf0-\xf9\x4b]{0,20})/;

const digitsOf = (ebcdic: string): string =>
  ebcdic.replace(/[\s\S]/g, (each) => (each === '\x4b' ? '.' : String.fromCharCode(each.charCodeAt(0) - 0xc0)));

export const drda: Matcher = {
  name: 'drda',
  source: 'DRDA version 5, volume 3: DSS, EXCSATRD and SYNTAXRM',
  ports: [1527, 50_000, 446],
  tlsPorts: [],
  question: textQuestion('drda', EXCSAT),
  match({ text, asked }) {
    // Length, D0, a reply (type 2 or 3, maybe chained), correlation, length, code point.
    const [found, code] =
      /^\0[\s\S]\xd0[\x02\x03\x42\x43\x52\x53][\s\S]{2}\0[\s\S]([\x12\x14][\x43\x4c\x10\x18])/.exec(text) ?? [];
    if (found === undefined || asked === null) return null;
    const isDerby = DERBY_ASCII.test(text) || DERBY_EBCDIC.test(text);
    const product = isDerby ? 'Apache Derby' : DB2_EBCDIC.test(text) ? 'IBM Db2' : undefined;
    const next = asked === 'drda' || code !== '\x12\x4c' ? {} : { next: textQuestion('drda', EXCSAT) };
    const release = RELEASE.exec(text)?.[1];
    return { name: 'drda', product, version: release && digitsOf(release), confidence: SURE, ...next };
  },
};
