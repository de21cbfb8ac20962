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

/** What the key exchange of an SSH server says: its host key and its algorithms. */
export interface SshFacts {
  readonly hostKeys: readonly SshHostKey[];
  readonly keyExchange: readonly string[];
  readonly hostKeyAlgorithms: readonly string[];
  readonly ciphers: readonly string[];
  readonly macs: readonly string[];
  /** Algorithms of these lists that are weak today. */
  readonly weak: readonly string[];
}

export interface SshHostKey {
  /** "ssh-ed25519", "rsa-sha2-512": the algorithm that the key was asked for with. */
  readonly algorithm: string;
  /** As OpenSSH writes it: "SHA256:…". */
  readonly fingerprint: string;
}
