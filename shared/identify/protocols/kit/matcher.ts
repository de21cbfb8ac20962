import { bytesOfLatin1 } from '../../../domain/bytes.ts';
import type { HttpFacts, SshFacts } from '../../../domain/service-facts.ts';
import type { TlsFacts } from '../../../domain/tls-facts.ts';

/** What the service said. */
export interface Heard {
  /** The first 4 KB, in order. */
  readonly bytes: Uint8Array;
  /** The same, one character a byte (see `latin1`), for patterns to look at. */
  readonly text: string;
  /** The name of the question that was sent before; null where the service spoke first. */
  readonly asked: string | null;
  /** That question itself, one character a byte; empty where the service spoke first. */
  readonly sent: string;
  /** When, in milliseconds since 1970. */
  readonly at: number;
  /** The TLS session that it was said in, if any. */
  readonly tls: TlsFacts | null;
}

/** Something to say that tells a protocol from others. It names nobody, proves nothing and changes nothing. */
export interface Question {
  readonly name: string;
  /**
   * `host` is what a request would name: the host name or address, an IPv6 address in brackets. `authority` is the same
   * with the port, where it is not the one that the scheme implies (RFC 9110 section 4.2.3).
   */
  readonly bytes: (host: string, authority: string) => Uint8Array;
  /** Asked on the connection that brought the answer before it, as long as that one is open. */
  readonly continues?: true;
  /** Bytes of the answer that are worth hearing, where 4 KB are too few. */
  readonly mostHeard?: number;
}

/** What a service that greeted in words that no matcher claims is asked, on the same connection: what it can do. */
export const HELP: Question = {
  name: 'help',
  bytes: () => bytesOfLatin1('HELP\r\n'),
  continues: true,
};

/** The same after a 220 to those who know no HELP: SMTP's own greeting (RFC 5321 section 4.1.1.1) and LMTP's (RFC 2033). */
export const EHLO: Question = { name: 'ehlo', bytes: () => greetingOf('EHLO'), continues: true };
export const LHLO: Question = { name: 'lhlo', bytes: () => greetingOf('LHLO'), continues: true };

/** What is told to those greetings: a host name, and extensions in capitals (RFC 5321 section 4.1.1.1). */
export const EXTENSIONS =
  /^250-[^\r\n]{0,300}\r\n(?:250[ -][^\r\n]{0,200}\r\n){0,20}?250[ -](?:8BITMIME|SIZE|PIPELINING|STARTTLS|AUTH|HELP|DSN|CHUNKING|SMTPUTF8|ENHANCEDSTATUSCODES)\b/;

const greetingOf = (verb: string): Uint8Array => bytesOfLatin1(`${verb} portfleet.invalid\r\n`);

/** A question is a few hundred bytes at the most, a long host name included. RTMP's and NRPE's alone are longer, by their protocols. */
export const LONGEST_QUESTION = 640;

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
  /** The name that the host gives itself. */
  readonly hostname?: string | undefined;
  /** The operating system, as the service names it. */
  readonly os?: string | undefined;
  /** What kind of machine it is, in nmap's words: "router", "printer", "webcam". */
  readonly deviceType?: string | undefined;
  readonly http?: HttpFacts | undefined;
  readonly ssh?: SshFacts | undefined;
  /** SSH host keys as they were sent; whoever ends the session makes fingerprints of them. */
  readonly hostKeys?: readonly Uint8Array[] | undefined;
  readonly confidence: number;
  /** What, on a new connection, would tell more: one more question, or TLS. */
  readonly next?: Question | 'tls' | undefined;
}

/** From plain text to TLS on one connection (RFC 3207 and its kin): each step in turn, then the handshake. */
export type StartTls = readonly StartTlsStep[];

export interface StartTlsStep {
  /** One character a byte; null where the server speaks first. `%h` stands for the host. */
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

/** How to know what a datagram was answered with. Apart from the payload, so that a sweep alone loads none of them. */
export interface DatagramMatcher {
  readonly name: string;
  /** Ports whose payloads ask for such an answer: there it is believed before others. */
  readonly ports: readonly number[];
  /** Never throws, whatever the bytes are. */
  readonly match: (answer: Pick<Heard, 'bytes' | 'text'>) => Match | null;
}
