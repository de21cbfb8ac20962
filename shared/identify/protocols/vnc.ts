import { type Matcher, SURE } from './kit/matcher.ts';

export const vnc: Matcher = {
  name: 'vnc',
  source: 'RFC 6143, section 7.1.1',
  ports: [5900, 5901, 5902, 5903],
  tlsPorts: [],
  question: null,
  match({ text }) {
    const [found, major, minor] = /^RFB (\d{3})\.(\d{3})\n/.exec(text) ?? [];
    if (found === undefined) return null;
    return { name: 'vnc', info: `protocol ${Number(major)}.${Number(minor)}`, confidence: SURE };
  },
};
