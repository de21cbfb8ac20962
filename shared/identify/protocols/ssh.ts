import { type Matcher, SURE } from './kit/matcher.ts';

/** `SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3`, possibly after other lines (RFC 4253 section 4.2). */
const IDENTIFICATION = /^SSH-(\d\.\d{1,2})-([^\s]{1,200})(?: ([^\r\n]{0,200}))?/m;

/** "OpenSSH_9.2p1", "libssh-0.10.6", "dropbear_2022.83": the name ends where the number begins. */
const SOFTWARE = /^(.*?)[_-]v?(\d.*)$/;

export const ssh: Matcher = {
  name: 'ssh',
  source: 'RFC 4253, section 4.2',
  ports: [22, 2222, 22222],
  tlsPorts: [],
  question: null,
  match({ text }) {
    const [found, protocol, software = '', comment] = IDENTIFICATION.exec(text) ?? [];
    if (found === undefined) return null;
    const [, product = software, version] = SOFTWARE.exec(software) ?? [];
    const info = [comment, `protocol ${protocol}`].filter(Boolean).join('; ');
    return { name: 'ssh', product, version, info, confidence: SURE };
  },
};
