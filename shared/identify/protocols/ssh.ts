import { bytesOfLatin1, concatBytes } from '../../domain/bytes.ts';
import type { SshFacts } from '../../domain/service-facts.ts';
import { type Heard, type Match, type Matcher, type Question, SURE } from './kit/matcher.ts';
import {
  beginKeyExchange,
  hostKeyIn,
  type KexInit,
  kexInitIn,
  keyExchangeWith,
  nextExchange,
} from './kit/ssh-packets.ts';
import { textFollowUp } from './kit/words.ts';

/** `SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3`, possibly after other lines (RFC 4253 section 4.2). */
const IDENTIFICATION = /^SSH-(\d\.\d{1,2})-([^\s]{1,200})(?: ([^\r\n]{0,200}))?/m;

/** "OpenSSH_9.2p1", "libssh-0.10.6", "dropbear_2022.83": the name ends where the number begins. */
const SOFTWARE = /^(.*?)[_-]v?(\d.*)$/;

/** Our own identification, on the same connection: the server then tells its algorithms (section 7.1). */
const IDENTIFICATION_OF_OURS = 'SSH-2.0-portfleet\r\n';
const IDENTIFY: Question = textFollowUp('ssh', IDENTIFICATION_OF_OURS);

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
  source: 'RFC 4253, sections 4.2, 7 and 7.1; key exchange: RFC 8731; weak algorithms: RFC 9142, RFC 8758, RFC 8332',
  ports: [22, 2222, 22222],
  tlsPorts: [],
  question: null,
  match(heard) {
    if (heard.asked === HOST_KEY) return hostKey(heard);
    const [found, protocol, software = '', comment] = IDENTIFICATION.exec(heard.text) ?? [];
    if (found === undefined) return algorithms(heard);
    const [, product = software, version] = SOFTWARE.exec(software) ?? [];
    const info = [comment, `protocol ${protocol}`].filter(Boolean).join('; ');
    const os = /^(Debian|Ubuntu|Raspbian|FreeBSD|NetBSD)/.exec(comment ?? '')?.[1];
    // Dropbear sends its algorithms unasked.
    const theirs = kexInitIn(heard.bytes);
    const next = theirs === undefined ? IDENTIFY : hostKeyQuestion(keyExchangeWith(theirs), IDENTIFICATION_OF_OURS);
    const ssh = theirs && factsOf(theirs);
    return {
      name: 'ssh',
      product,
      version,
      info,
      os,
      ssh,
      confidence: SURE,
      next: next && { ...next, continues: true },
    };
  },
};

/** The answer to our identification. */
function algorithms({ asked, bytes }: Heard): Match | null {
  const theirs = asked === IDENTIFY.name ? kexInitIn(bytes) : undefined;
  if (theirs === undefined) return null;
  const next = hostKeyQuestion(keyExchangeWith(theirs), '');
  return { name: 'ssh', ssh: factsOf(theirs), confidence: SURE, next: next && { ...next, continues: true } };
}

/** The answer to our key; the next key is asked for on a connection of its own. */
function hostKey({ bytes, sent }: Heard): Match | null {
  const key = hostKeyIn(bytes);
  const ours = kexInitIn(bytesOfLatin1(sent));
  if (key === undefined || ours === undefined) return null;
  return {
    name: 'ssh',
    hostKeys: [key],
    confidence: SURE,
    next: hostKeyQuestion(nextExchange(ours), IDENTIFICATION_OF_OURS),
  };
}

function factsOf(theirs: KexInit): SshFacts {
  const all = [theirs.keyExchange, theirs.hostKeyAlgorithms, theirs.ciphers, theirs.macs].flat();
  const weak = [...new Set(all.filter((name) => WEAK.some((pattern) => pattern.test(name))))];
  return { ...theirs, weak };
}

const HOST_KEY = 'ssh host key';

/** Begins the exchange of keys, in which the server shows its own; no session comes of it. */
function hostKeyQuestion(ours: KexInit | undefined, before: string): Question | undefined {
  return ours && { name: HOST_KEY, bytes: () => concatBytes(bytesOfLatin1(before), beginKeyExchange(ours)) };
}
