import { bytes, u16, u32 } from './kit/bytes.ts';
import type { Payload } from './kit/payload.ts';

/** Version 1, GTP and not GTP', with a sequence number; Echo Request; four bytes follow the first eight; no tunnel. */
const echo = bytes([0x32, 1], u16(4), u32(0), u16(0x7066), [0, 0]);

export const gtpControlPayload: Payload = {
  protocol: 'GTP-C',
  ports: [2123],
  source: '3GPP TS 29.060 sections 6 and 7.2.1',
  asks: 'for an echo, version 1',
  bytes: echo,
};

export const gtpControlV2Payload: Payload = {
  protocol: 'GTP-C',
  ports: [2123],
  source: '3GPP TS 29.274 sections 5.1 and 7.1.1',
  asks: 'for an echo, version 2',
  // version 2; nine bytes follow the first four: sequence, spare, then the restart counter as an information element
  bytes: bytes([0x40, 1], u16(9), [0, 0x70, 0x66, 0], [3], u16(1), [0, 0]),
};

export const gtpUserPayload: Payload = {
  protocol: 'GTP-U',
  ports: [2152],
  source: '3GPP TS 29.281 sections 5.1 and 7.2.1',
  asks: 'for an echo',
  bytes: echo,
};
