import { bytesOfLatin1 } from '../../domain/bytes.ts';
import { type Matcher, type Question, SURE } from './kit/matcher.ts';

/** The handshake, and the command VirtualMachine.Version (set 1, command 1) behind it. */
const QUESTION: Question = {
  name: 'jdwp',
  bytes: () => bytesOfLatin1('JDWP-Handshake\0\0\0\x0b\0\0\0\x01\0\x01\x01'),
};

/** Whoever reaches it runs code in that process. */
export const jdwp: Matcher = {
  name: 'jdwp',
  source: 'Java Debug Wire Protocol, handshake and VirtualMachine.Version',
  ports: [5005, 8787, 8000, 8453, 9009],
  tlsPorts: [],
  question: QUESTION,
  match({ text, asked }) {
    if (asked !== 'jdwp' || !text.startsWith('JDWP-Handshake')) return null;
    const version =
      /\(Reference Implementation\)[\s\S]{0,60}? version (\d[\d.]{0,10})|JVM version (\d[\w.+-]{0,30})/.exec(text);
    // The number of the virtual machine stands in a string of its own, after two numbers of the protocol.
    const machine = /JVM version (\d[\w.]{0,30})/.exec(text)?.[1] ?? version?.[1];
    return {
      name: 'jdwp',
      product: 'Java Debug Wire Protocol',
      version: machine,
      info: 'runs code for whoever connects',
      confidence: SURE,
    };
  },
};
