import { type Matcher, SURE } from './kit/matcher.ts';

export const rsync: Matcher = {
  name: 'rsync',
  source: 'rsync daemon protocol, the greeting',
  ports: [873],
  tlsPorts: [874],
  question: null,
  match({ text }) {
    const protocol = /^@RSYNCD: (\d{1,3}(?:\.\d{1,3})?)/.exec(text)?.[1];
    return protocol === undefined ? null : { name: 'rsync', info: `protocol ${protocol}`, confidence: SURE };
  },
};
