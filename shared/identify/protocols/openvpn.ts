import { bytesOfHex } from '../../domain/bytes.ts';
import { bytes, PORTFLEET_ID, zeros } from './kit/bytes.ts';
import { type DatagramMatcher, type Match, type Matcher, SURE } from './kit/matcher.ts';
import type { Payload } from './kit/payload.ts';

/** P_CONTROL_HARD_RESET_CLIENT_V2 in the upper five bits, key 0 in the lower three. */
const HARD_RESET_CLIENT = 7 << 3;

/** A server with tls-auth or tls-crypt drops it: it takes no unsigned first word. */
export const openvpnPayload: Payload = {
  protocol: 'OpenVPN',
  ports: [1194],
  source: 'OpenVPN wire protocol (openvpn-rfc) section 2',
  asks: 'to begin a session',
  // session id, no acknowledgements, packet 0
  bytes: bytes([HARD_RESET_CLIENT], PORTFLEET_ID, [0], zeros(4)),
};

/** P_CONTROL_HARD_RESET_SERVER_V2 (8) with key 0, a session of its own, and maybe our packet acknowledged. */
const isReset = (text: string): boolean => /^\x40[\s\S]{8}[\0\x01]/.test(text) && text.length >= 14;

const FOUND: Match = { name: 'openvpn', product: 'OpenVPN', confidence: SURE };

export const openvpn: Matcher = {
  name: 'openvpn',
  source: 'OpenVPN wire protocol (openvpn-rfc), sections 2 and 2.1 (TCP: length first)',
  ports: [1194],
  tlsPorts: [],
  question: { name: 'openvpn', bytes: () => bytesOfHex('000e 38 506f7274666c7431 00 00000000') },
  match: ({ text, asked }) =>
    asked === 'openvpn' && /^\0[\x0e-\x40]/.test(text) && isReset(text.slice(2)) ? FOUND : null,
};

export const openvpnAnswer: DatagramMatcher = {
  name: 'openvpn',
  ports: [1194],
  match: ({ text }) => (isReset(text) ? FOUND : null),
};
