/** One datagram that makes a service of one protocol answer, if it is there. Our own bytes, from the named document. */
export interface Payload {
  readonly protocol: string;
  /** The ports that are asked with it. */
  readonly ports: readonly number[];
  /** Where the bytes are specified. */
  readonly source: string;
  /** What it asks, in a few words. */
  readonly asks: string;
  readonly bytes: Uint8Array;
  /**
   * Only where the protocol answers from another port than the one asked, which a connected socket never hears: whether
   * a datagram that came from anywhere is such an answer.
   */
  readonly isAnswerFromNewPort?: (datagram: Uint8Array) => boolean;
}
