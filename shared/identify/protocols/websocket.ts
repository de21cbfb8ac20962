import { bytesOfLatin1 } from '../../domain/bytes.ts';
import { httpResponse, serverProduct } from './kit/http-response.ts';
import { GUESS, type Matcher, type Question, SURE } from './kit/matcher.ts';

/** The key of RFC 6455's own example (section 1.3), and the only answer that fits it. */
const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';

const UPGRADE: Question = {
  name: 'websocket',
  bytes: (host) =>
    bytesOfLatin1(
      `GET / HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Key: ${KEY}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    ),
};

const UPGRADE_REQUIRED = 426;

export const websocket: Matcher = {
  name: 'websocket',
  source: 'RFC 6455, sections 1.3 and 4.2.2',
  ports: [],
  tlsPorts: [],
  question: UPGRADE,
  match(heard) {
    const response = httpResponse(heard);
    if (response === null) return null;
    const { status, headers } = response;
    const { product, version } = serverProduct(headers.get('server'));
    if (status === 101 && headers.get('sec-websocket-accept') === ACCEPT) {
      return { name: 'websocket', product, version, confidence: SURE };
    }
    const hints = status === UPGRADE_REQUIRED || headers.has('sec-websocket-version');
    // Only a hint: unless the upgrade is accepted, "http" is the surer name.
    return hints && heard.asked === 'http' ? { name: 'websocket', confidence: GUESS, next: UPGRADE } : null;
  },
};
