import { bytesOfLatin1 } from '../../domain/bytes.ts';
import { type Matcher, SURE } from './kit/matcher.ts';

/** A pkt-line: its own length, four hexadecimal digits included, and then the text. */
function pktLine(text: string): Uint8Array {
  return bytesOfLatin1(`${(text.length + 4).toString(16).padStart(4, '0')}${text}`);
}

export const git: Matcher = {
  name: 'git',
  source: 'gitprotocol-pack(5), Git Transport',
  ports: [9418],
  tlsPorts: [],
  // A repository that hardly anybody has: the answer is an error, or the list of its branches.
  question: { name: 'git', bytes: (host) => pktLine(`git-upload-pack /portfleet\0host=${host}\0`) },
  match({ text, asked }) {
    if (asked !== 'git') return null;
    const error = /^[0-9a-f]{4}ERR ([^\n\0]{0,200})/.exec(text)?.[1];
    if (error !== undefined) return { name: 'git', info: error, confidence: SURE };
    return /^[0-9a-f]{4}[0-9a-f]{40} /.test(text) ? { name: 'git', confidence: SURE } : null;
  },
};
