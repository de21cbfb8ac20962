/**
 * What the simulated fleet meets. These are assumptions, chosen to look like a block of the Internet that is in use, and
 * to be hard rather than kind: most attempts meet silence, which is what costs time.
 */
export interface World {
  /** Shares of the addresses: no host there, or a filter that drops everything; the rest answers with resets. */
  readonly silent: number;
  readonly firewalled: number;
  /** Round-trip times of hosts: a lognormal spread around a median, in seconds. */
  readonly rtt: { readonly median: number; readonly sigma: number };
  /** Share of the attempts whose packet, or answer, is lost on the way. */
  readonly loss: number;
  /** Share of the deliveries under which the function dies, at some moment of its work. */
  readonly crashes: number;
  /** Share of the deliveries that end well and whose message comes again all the same. */
  readonly duplicates: number;
}

/**
 * `silent`: no answer to anything. `firewalled`: open ports answer, everything else is dropped. The loss is that of a
 * decent line, in which a second attempt is rarely needed but is seen to be. How often functions die and messages repeat is
 * published nowhere: one in 10,000, and one in 5,000.
 */
export const WORLD: World = {
  silent: 0.7,
  firewalled: 0.15,
  rtt: { median: 0.05, sigma: 0.6 },
  loss: 0.005,
  crashes: 0.0001,
  duplicates: 0.0002,
};

type HostKind = 'silent' | 'firewalled' | 'answering';

/** The kind of host that a uniform draw stands for. */
export const kindOf = ({ silent, firewalled }: World, draw: number): HostKind =>
  draw < silent ? 'silent' : draw < silent + firewalled ? 'firewalled' : 'answering';
