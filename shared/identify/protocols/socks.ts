import { LIKELY, type Matcher } from './kit/matcher.ts';

/** What the two methods that we offer, and none of them, mean (RFC 1928 section 3). */
const METHODS: Readonly<Record<number, string>> = {
  0: 'no authentication required',
  2: 'user name and password required',
  255: 'no acceptable method',
};

export const socks: Matcher = {
  name: 'socks5',
  source: 'RFC 1928, section 3',
  ports: [1080],
  tlsPorts: [],
  // Version 5, two methods: none, and user name with password. Choosing one is all the server does.
  question: { name: 'socks5', bytes: () => Uint8Array.of(5, 2, 0, 2) },
  match({ bytes, asked }) {
    if (asked !== 'socks5' || bytes.length !== 2 || bytes[0] !== 5) return null;
    const info = METHODS[bytes[1] ?? -1];
    return info === undefined ? null : { name: 'socks5', info, confidence: LIKELY };
  },
};
