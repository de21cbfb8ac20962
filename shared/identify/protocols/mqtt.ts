import { bytesOfLatin1 } from '../../domain/bytes.ts';
import { LIKELY, type Matcher, SURE } from './kit/matcher.ts';

/** CONNACK of version 3 with a return code, or of version 5 with a reason code and properties. */
const CONNACK = /^\x20([\x02-\x7f])\0([\0-\x05\x80-\x9f])/;

/** "Unacceptable protocol version", in version 3.1.1 and in version 5. */
const REFUSED_VERSION = /[\x01\x84]/;

export const mqtt: Matcher = {
  name: 'mqtt',
  source: 'MQTT 3.1.1, sections 3.1.2.2 and 3.2.2.3',
  ports: [1883],
  tlsPorts: [8883],
  // A CONNECT of protocol level 127, which no broker has: the answer says so, and no session is opened.
  question: { name: 'mqtt', bytes: () => bytesOfLatin1('\x10\x0c\0\x04MQTT\x7f\x02\0\0\0\0') },
  match({ text, asked }) {
    const [found, length = '', code = ''] = asked === 'mqtt' ? (CONNACK.exec(text) ?? []) : [];
    if (found === undefined || text.length < 2 + length.charCodeAt(0)) return null;
    return { name: 'mqtt', confidence: REFUSED_VERSION.test(code) ? SURE : LIKELY };
  },
};
