import { bytesOfHex } from '../../domain/bytes.ts';
import { type Matcher, SURE } from './kit/matcher.ts';

/** CPing, and CPong. A connector that wants a secret answers it too. */
export const ajp: Matcher = {
  name: 'ajp13',
  source: 'Apache JServ Protocol 1.3 and its extension, CPing and CPong',
  ports: [8009],
  tlsPorts: [],
  question: { name: 'ajp', bytes: () => bytesOfHex('12 34 00 01 0a') },
  match: ({ text, asked }) =>
    asked === 'ajp' && text === 'AB\0\x01\x09'
      ? { name: 'ajp13', product: 'Apache JServ', info: 'protocol 1.3', confidence: SURE }
      : null,
};
