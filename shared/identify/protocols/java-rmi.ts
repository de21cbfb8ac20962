import { bytesOfHex } from '../../domain/bytes.ts';
import { type Matcher, SURE } from './kit/matcher.ts';

/** "JRMI", version 2, the stream protocol; the answer acknowledges it and says from where we seem to come. */
export const javaRmi: Matcher = {
  name: 'java-rmi',
  source: 'Java RMI wire protocol, section 10.2.1',
  ports: [1098, 1099, 1199, 4445, 7199, 8686, 9010, 9999, 11_099],
  tlsPorts: [],
  question: { name: 'java-rmi', bytes: () => bytesOfHex('4a 52 4d 49 00 02 4b') },
  match({ text, asked }) {
    const isAcknowledged = asked === 'java-rmi' && /^\x4e\0[\x02-\x30][\x20-\x7e]{2,48}\0\0[\s\S]{2}/.test(text);
    return isAcknowledged ? { name: 'java-rmi', product: 'Java RMI', confidence: SURE } : null;
  },
};
