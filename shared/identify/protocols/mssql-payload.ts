import { u8 } from './kit/bytes.ts';
import type { Payload } from './kit/payload.ts';

const CLNT_UCAST_EX = 3;

export const mssqlBrowser: Payload = {
  protocol: 'MS-SQL browser',
  ports: [1434],
  source: 'MC-SQLR section 2.2.2',
  asks: 'the instances of this host',
  bytes: u8(CLNT_UCAST_EX),
};
