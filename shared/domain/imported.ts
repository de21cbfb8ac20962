/** Where a scan that another program made comes from. */
export interface ImportFacts {
  /** The name of the file, and the program that wrote it ("nmap 7.95"). */
  readonly file: string;
  readonly tool: string;
  /** `mentioned`: the file does not say which ports were scanned, so the plan has those that it mentions. */
  readonly ports: 'listed' | 'mentioned';
  /** Why hosts or ports may be missing: the file was cut off, or its scan ended in an error. */
  readonly incomplete?: string;
  /** What the file has and this scan has not, a sentence each. */
  readonly notes: readonly string[];
  readonly hosts: Readonly<Record<string, HostFacts>>;
}

/** What an imported file says of a host, and no port of it shows. */
export interface HostFacts {
  /** Hexadecimal pairs with colons, and the maker of the network card, as the file has them. */
  readonly mac?: string;
  readonly vendor?: string;
  /** The names that DNS had for it when it was scanned. */
  readonly reverseNames?: readonly string[];
  /** What the other scanner's host discovery came to, where the ports alone would say something else. */
  readonly status?: { readonly state: 'up' | 'down'; readonly reason: string };
}
