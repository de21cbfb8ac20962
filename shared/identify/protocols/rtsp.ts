import { bytesOfLatin1 } from '../../domain/bytes.ts';
import { serverProduct } from './kit/http-response.ts';
import { type Matcher, SURE } from './kit/matcher.ts';

export const rtsp: Matcher = {
  name: 'rtsp',
  source: 'RFC 2326, section 10.1; RFC 7826, section 13.1',
  ports: [554, 8554],
  tlsPorts: [322],
  question: {
    name: 'rtsp',
    bytes: () => bytesOfLatin1('OPTIONS * RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: portfleet\r\n\r\n'),
  },
  match({ text }) {
    const status = /^RTSP\/[12]\.0 (\d{3})\b/.exec(text)?.[1];
    if (status === undefined) return null;
    const server = /^Server:[ \t]*([^\r\n]{1,200})/im.exec(text)?.[1];
    const { product, version } = serverProduct(server);
    return { name: 'rtsp', product, version, info: status, confidence: SURE };
  },
};
