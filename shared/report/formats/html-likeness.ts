/** Where the section of a host is. */
export interface HostAnchor {
  readonly id: string;
  readonly title: string;
}

/** Kinds of hosts that are remembered, and the text of one: some megabytes, however many hosts a report has. */
const MOST_KINDS = 1_000;
const LONGEST_LOOKS = 8_192;

/** Finds the first host of a report that looks as another does. */
export interface Likenesses {
  /** The host above with the same looks; undefined for the first, and where there is too much to remember. */
  firstLike(host: HostAnchor, looks: Iterable<string>): HostAnchor | undefined;
}

export function makeLikenesses(): Likenesses {
  const kinds = new Map<string, HostAnchor>();
  return {
    firstLike(host, looks) {
      let key = '';
      for (const look of looks) {
        key += `${look}\n`;
        if (key.length > LONGEST_LOOKS) return undefined;
      }
      const known = kinds.get(key);
      if (!known && kinds.size < MOST_KINDS) kinds.set(key, host);
      return known;
    },
  };
}
