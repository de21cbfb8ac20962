import type { Prober } from '../seams/prober.ts';
import { tcpProber } from './tcp-prober.ts';
import { udpProber } from './udp-prober.ts';

/** Sends each probe in its own protocol, through the sockets of this process. */
export const netProber: Prober = {
  send: (probe, tell) => (probe.protocol === 'tcp' ? tcpProber : udpProber).send(probe, tell),
};
