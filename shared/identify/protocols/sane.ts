import { bytesOfHex } from '../../domain/bytes.ts';
import { type Matcher, SURE } from './kit/matcher.ts';

/** SANE_NET_INIT, version 1.0.3, no user; the answer has a status and the version of the server. */
export const sane: Matcher = {
  name: 'sane-port',
  source: 'SANE standard 1.05, section 5.2.1 (SANE_NET_INIT)',
  ports: [6566],
  tlsPorts: [],
  question: { name: 'sane', bytes: () => bytesOfHex('00000000 01000003 00000000') },
  match: ({ text, asked }) =>
    asked === 'sane' && /^\0\0\0[\0-\x0b]\x01[\0-\x0f]\0[\0-\x10]$/.test(text)
      ? { name: 'sane-port', product: 'SANE network scanner', confidence: SURE }
      : null,
};
