import { bytes, PORTFLEET_ID, zeros } from './kit/bytes.ts';
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
