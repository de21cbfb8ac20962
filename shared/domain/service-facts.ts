/** What a web server's answer says beside its name. All text in it comes from the network. */
export interface HttpFacts {
  readonly status: number;
  readonly title?: string;
  /** Where the answer redirects to. */
  readonly location?: string;
  /** What the server protects, in its own words: the realm of WWW-Authenticate (RFC 9110 section 11.5). */
  readonly realm?: string;
  /** The program that made the page, as its "generator" names it. */
  readonly generator?: string;
  /** MurmurHash3 of the icon as search engines of hosts write it: signed, over Base64 with line ends. */
  readonly faviconHash?: number;
  /** Headers that protect browsers and that the answer does not have. */
  readonly missingHeaders: readonly string[];
}

/** The algorithms that an SSH server offers (RFC 4253 section 7.1), in its order. */
export interface SshFacts {
  readonly keyExchange: readonly string[];
  readonly hostKeyAlgorithms: readonly string[];
  /** From client to server, as those of the other direction hardly ever differ. */
  readonly ciphers: readonly string[];
  readonly macs: readonly string[];
  /** Algorithms of these lists that are weak today. */
  readonly weak: readonly string[];
  /** The keys by which clients know the server, one of a kind. Absent where none was learnt. */
  readonly hostKeys?: readonly SshHostKey[];
}

/** A host key, as `ssh-keygen -l` shows it. */
export interface SshHostKey {
  /** "ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa". */
  readonly type: string;
  /** Null where the kind of key is not known. */
  readonly bits: number | null;
  /** "SHA256:" and the digest of the key in Base64, without padding. */
  readonly fingerprint: string;
}
