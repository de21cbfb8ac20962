declare const brand: unique symbol;
type Brand<Value, Name extends string> = Value & { readonly [brand]: Name };

/** A length of time, or a reading of the monotonic clock, in milliseconds (fractions allowed). */
export type Millis = Brand<number, 'Millis'>;

/** Wall-clock time in milliseconds since 1970-01-01T00:00:00Z. For the record only, never for measuring. */
export type EpochMillis = Brand<number, 'EpochMillis'>;

/** A TCP or UDP port, 0 to 65535. */
export type PortNumber = Brand<number, 'PortNumber'>;

/** A literal IP address in its one canonical spelling: dotted quad, or RFC 5952 for IPv6. */
export type Address = Brand<string, 'Address'>;

/** The name of one scan: a ULID, so ids sort by the time of submission. */
export type ScanId = Brand<string, 'ScanId'>;

/** The name of one watch: a ULID too. */
export type WatchId = Brand<string, 'WatchId'>;

/** A host as a watch knows it: the name that the user wrote, or the address where he wrote none. */
export type HostKey = Brand<string, 'HostKey'>;

/** The place of a chunk in its scan, from 0. */
export type ChunkNumber = Brand<number, 'ChunkNumber'>;

/** The 32-bit number that decides a scan's shuffles. */
export type Seed = Brand<number, 'Seed'>;

export const HIGHEST_PORT = 65_535;

export const millis = (value: number): Millis => value as Millis;
export const epochMillis = (value: number): EpochMillis => value as EpochMillis;
export const chunkNumber = (value: number): ChunkNumber => value as ChunkNumber;
export const seed = (value: number): Seed => (value >>> 0) as Seed;

/** The port of that number, or undefined when there is no such port. */
export function portNumber(value: number): PortNumber | undefined {
  return Number.isInteger(value) && value >= 0 && value <= HIGHEST_PORT ? (value as PortNumber) : undefined;
}

const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

/** The scan id that `text` spells (either case), or undefined. */
export function scanId(text: string): ScanId | undefined {
  const upper = text.toUpperCase();
  return ULID.test(upper) ? (upper as ScanId) : undefined;
}

/** The watch id that `text` spells (either case), or undefined. */
export function watchId(text: string): WatchId | undefined {
  const upper = text.toUpperCase();
  return ULID.test(upper) ? (upper as WatchId) : undefined;
}

export const hostKey = (nameOrAddress: string): HostKey => nameOrAddress as HostKey;
