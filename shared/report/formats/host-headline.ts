/** "web.example (192.0.2.1)", or the address alone. Not escaped. */
export const hostHeadline = ({
  names,
  address,
}: {
  readonly names: readonly string[];
  readonly address: string;
}): string => (names.length > 0 ? `${names.join(', ')} (${address})` : address);

/** A heading needs no more than the first few targets. */
const MOST_TARGETS = 5;

/** "web.example, 10.0.0.0/24 and 3 more", for a title. Not escaped. */
export const targetsHeadline = (targets: readonly string[]): string =>
  targets.length <= MOST_TARGETS
    ? targets.join(', ')
    : `${targets.slice(0, MOST_TARGETS).join(', ')} and ${targets.length - MOST_TARGETS} more`;
