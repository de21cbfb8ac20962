/** What the service said. */
export interface Heard {
  /** The first 4 KB, in order. */
  readonly bytes: Uint8Array;
  /** The same, one character a byte (see `latin1`), for patterns to look at. */
  readonly text: string;
  /** The name of the question that was sent before; null where the service spoke first. */
  readonly asked: string | null;
}

/** Something to say that tells a protocol from others. It names nobody, proves nothing and changes nothing. */
export interface Question {
  readonly name: string;
  /** `host` is what a request would name: the host name or address, an IPv6 address in brackets. */
  readonly bytes: (host: string) => Uint8Array;
}

/** A question is a few hundred bytes at the most, a long host name included. */
export const LONGEST_QUESTION = 512;

/** The protocol's own grammar and mark were seen. */
export const SURE = 10;
/** Its usual words were seen, which something else could also say. */
export const LIKELY = 8;
/** It looks like it. */
export const GUESS = 5;

/** What the bytes are. The texts are as the network sent them (one character a byte); whoever keeps them tidies them. */
export interface Match {
  readonly name: string;
  readonly product?: string | undefined;
  readonly version?: string | undefined;
  readonly info?: string | undefined;
  readonly confidence: number;
  /** What, on a new connection, would tell more: one more question, or TLS. */
  readonly next?: Question | 'tls';
}

/** From plain text to TLS on one connection (RFC 3207 and its kin): each step in turn, then the handshake. */
export type StartTls = readonly StartTlsStep[];

export interface StartTlsStep {
  /** One character a byte; null where the server speaks first. */
  readonly say: string | null;
  /** What must be heard before going on; null where nothing is answered. */
  readonly ready: RegExp | null;
}

/** One protocol: where it is usual, what to ask, and how to know its answer. Pure: bytes in, a match out. */
export interface Matcher {
  readonly name: string;
  /** Where the protocol is described. */
  readonly source: string;
  /** Ports on which it is usual, in plain text and under TLS from the first byte. */
  readonly ports: readonly number[];
  readonly tlsPorts: readonly number[];
  /** Null where the server speaks first, or where the answer to another question gives it away. */
  readonly question: Question | null;
  /** Never throws, whatever the bytes are. */
  readonly match: (heard: Heard) => Match | null;
  readonly startTls?: StartTls;
}
