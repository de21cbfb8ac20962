import { bigEndian, bytesOfHex } from '../../domain/bytes.ts';
import { type Matcher, SURE } from './kit/matcher.ts';

export const epmd: Matcher = {
  name: 'epmd',
  source: 'Erlang distribution protocol, NAMES_REQ',
  ports: [4369],
  tlsPorts: [],
  question: { name: 'epmd', bytes: () => bytesOfHex('00 01 6e') },
  match({ bytes, text, asked }) {
    // Four bytes with the port that epmd itself listens on, then a line for each node.
    const port = bigEndian(bytes, 0, 4) ?? 0;
    const lines = text.slice(4);
    if (asked !== 'epmd' || port === 0 || port > 65_535 || !/^(?:name [^\n]{1,200} at port \d{1,5}\n)*$/.test(lines))
      return null;
    const nodes = [...lines.matchAll(/^name (\S{1,60}) at/gm)].map(([, name]) => name);
    const info = nodes.length === 0 ? 'no nodes' : `nodes ${nodes.slice(0, 5).join(', ')}`;
    return { name: 'epmd', product: 'Erlang port mapper', info, confidence: SURE };
  },
};
