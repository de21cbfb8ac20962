import { bigEndian } from '../../domain/bytes.ts';
import type { SshFacts } from '../../domain/service-facts.ts';
import { type Heard, type Match, type Matcher, type Question, SURE } from './kit/matcher.ts';
import { textFollowUp } from './kit/words.ts';

/** `SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3`, possibly after other lines (RFC 4253 section 4.2). */
const IDENTIFICATION = /^SSH-(\d\.\d{1,2})-([^\s]{1,200})(?: ([^\r\n]{0,200}))?/m;

/** "OpenSSH_9.2p1", "libssh-0.10.6", "dropbear_2022.83": the name ends where the number begins. */
const SOFTWARE = /^(.*?)[_-]v?(\d.*)$/;

/** Our own identification, on the same connection: the server then tells its algorithms (section 7.1). */
const IDENTIFY: Question = textFollowUp('ssh', 'SSH-2.0-portfleet\r\n');

/** A packet: its length, that of its padding, and KEXINIT (20). */
const KEXINIT = /[\s\S]{4}[\x04-\xff]\x14/;

/** What RFC 9142, RFC 8758 and RFC 8332 advise against, and what OpenSSH has left out since. */
const WEAK: readonly RegExp[] = [
  /^diffie-hellman-group(?:1|14|-exchange)-sha1$/,
  /^gss-(?:group1|group14|gex)-sha1/,
  /^rsa1024-sha1$/,
  /^ssh-(?:rsa|dss)(?:-cert-v01@openssh\.com)?$/,
  /^(?:arcfour|blowfish|cast128|3des|des|idea|twofish|serpent)/,
  /-cbc$/,
  /^rijndael-cbc/,
  /^hmac-(?:md5|sha1-96|ripemd160)/,
  /^umac-64(?:-etm)?@openssh\.com$/,
  /^none$/,
];

export const ssh: Matcher = {
  name: 'ssh',
  source: 'RFC 4253, sections 4.2 and 7.1; weak algorithms: RFC 9142, RFC 8758, RFC 8332',
  ports: [22, 2222, 22222],
  tlsPorts: [],
  question: null,
  match(heard) {
    const [found, protocol, software = '', comment] = IDENTIFICATION.exec(heard.text) ?? [];
    if (found === undefined) return algorithms(heard);
    const [, product = software, version] = SOFTWARE.exec(software) ?? [];
    const info = [comment, `protocol ${protocol}`].filter(Boolean).join('; ');
    const os = /^(Debian|Ubuntu|Raspbian|FreeBSD|NetBSD)/.exec(comment ?? '')?.[1];
    // Dropbear sends its algorithms unasked.
    const ssh = factsIn(heard);
    return {
      name: 'ssh',
      product,
      version,
      info,
      os,
      ssh,
      confidence: SURE,
      ...(ssh === undefined && { next: IDENTIFY }),
    };
  },
};

function algorithms(heard: Heard): Match | null {
  const ssh = heard.asked === IDENTIFY.name ? factsIn(heard) : undefined;
  return ssh === undefined ? null : { name: 'ssh', ssh, confidence: SURE };
}

/** Ten lists of names, with commas between them, behind a cookie of 16 bytes. */
function factsIn({ bytes, text }: Heard): SshFacts | undefined {
  const start = KEXINIT.exec(text)?.index;
  if (start === undefined) return undefined;
  const lists: string[][] = [];
  let at = start + 6 + 16;
  for (let nth = 0; nth < 10; nth++) {
    const length = bigEndian(bytes, at, 4);
    if (length === undefined || at + 4 + length > bytes.length) return undefined;
    const names = text.slice(at + 4, at + 4 + length);
    if (!/^[\x21-\x7e]*$/.test(names)) return undefined;
    lists.push(names === '' ? [] : names.split(','));
    at += 4 + length;
  }
  const [keyExchange = [], hostKeyAlgorithms = [], ciphers = [], , macs = []] = lists;
  const all = [...keyExchange, ...hostKeyAlgorithms, ...ciphers, ...macs];
  const weak = [...new Set(all.filter((name) => WEAK.some((pattern) => pattern.test(name))))];
  return { keyExchange, hostKeyAlgorithms, ciphers, macs, weak };
}
