import type { Prober } from '../seams/prober.ts';
import { tcpProber } from './tcp-prober.ts';
import { udpProber } from './udp-prober.ts';

/** Asks each probe in its own protocol, through the sockets of this process. */
export const netProber: Prober = {
  ask: (probe, tell) => (probe.protocol === 'tcp' ? tcpProber : udpProber).ask(probe, tell),
};
