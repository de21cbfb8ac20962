import { type Matcher, SURE } from './kit/matcher.ts';
import { textQuestion } from './kit/words.ts';

const QUESTION = textQuestion('ovsdb', '{"method":"list_dbs","params":[],"id":0}');

export const ovsdb: Matcher = {
  name: 'ovsdb',
  source: 'RFC 7047, section 4.1.1 (list_dbs)',
  ports: [6632, 6640, 6641, 6642],
  tlsPorts: [],
  question: QUESTION,
  match({ text, asked }) {
    if (asked !== 'ovsdb' || !/^\{(?=[\s\S]{0,300}"result":\[)(?=[\s\S]{0,400}"error":null)/.test(text)) return null;
    const databases = [...text.matchAll(/"([A-Z_]\w{1,40})"/g)].map(([, name]) => name);
    return {
      name: 'ovsdb',
      product: 'Open vSwitch database',
      info: databases.slice(0, 5).join(', '),
      confidence: SURE,
    };
  },
};
