import { expect } from 'vitest';
import type { RealServer } from './run-server.ts';
import * as datagrams from './servers/datagrams.ts';
import { murmur } from './servers/messaging.ts';
import { coturn, krb5kdc, nsd, unbound } from './servers/names.ts';
import { bind, dnsmasq } from './servers/network.ts';

/** A real server of UDP, and what its answer says it is. */
interface DatagramCase {
  readonly server: RealServer;
  /** The port whose payload is sent, wherever the server listens. */
  readonly as: number;
  readonly is: Readonly<Record<string, unknown>>;
}

const aVersion = expect.stringMatching(/^v?\d/);

export const DATAGRAM_CASES: Readonly<Record<string, DatagramCase>> = {
  unbound: { server: unbound, as: 53, is: { name: 'dns', product: 'Unbound', version: aVersion } },
  nsd: { server: nsd, as: 53, is: { name: 'dns', product: 'NSD', version: aVersion } },
  bind: { server: bind, as: 53, is: { name: 'dns', product: 'ISC BIND', version: aVersion } },
  dnsmasq: { server: dnsmasq, as: 53, is: { name: 'dns', product: 'dnsmasq', version: aVersion } },
  coturn: { server: coturn, as: 3478, is: { name: 'stun', product: 'Coturn', version: aVersion } },
  kamailio: { server: datagrams.kamailio, as: 5060, is: { name: 'sip', product: 'kamailio', version: aVersion } },
  memcached: { server: datagrams.memcached, as: 11_211, is: { name: 'memcached', version: aVersion } },
  snmpd: {
    server: datagrams.snmpd,
    as: 161,
    is: { name: 'snmp', info: expect.stringContaining('A test of Portfleet') },
  },
  chrony: { server: datagrams.chrony, as: 123, is: { name: 'ntp' } },
  'tftpd-hpa': { server: datagrams.tftpd, as: 69, is: { name: 'tftp' } },
  openvpn: { server: datagrams.openvpn, as: 1194, is: { name: 'openvpn' } },
  mumble: { server: murmur, as: 64_738, is: { name: 'mumble', version: aVersion } },
  krb5kdc: { server: krb5kdc, as: 88, is: { name: 'kerberos' } },
  caddy: { server: datagrams.caddy, as: 443, is: { name: 'quic' } },
};
