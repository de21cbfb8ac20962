import { type Matcher, SURE } from './kit/matcher.ts';

/** The printable characters in their order, twice: every line is a piece of this. */
const RING = Array.from({ length: 2 * 95 }, (_, index) => String.fromCharCode(32 + (index % 95))).join('');

/** Lines of 72 characters; xinetd and inetd leave out the space. */
const LINE = 72;

const RINGS: readonly string[] = [RING, RING.replaceAll(' ', '')];

export const chargen: Matcher = {
  name: 'chargen',
  source: 'RFC 864',
  ports: [19],
  tlsPorts: [],
  question: null,
  match({ text, asked }) {
    const lines = text.split('\r\n').slice(0, 3);
    const whole = lines.filter((line) => line.length === LINE && RINGS.some((ring) => ring.includes(line)));
    return asked === null && lines.length > 2 && whole.length >= 2 ? { name: 'chargen', confidence: SURE } : null;
  },
};
