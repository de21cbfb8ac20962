import { bacnet } from './bacnet.ts';
import { bittorrentDht } from './bittorrent-dht.ts';
import { cldap } from './cldap.ts';
import { coap } from './coap.ts';
import { dnsRoot, dnsVersion } from './dns-payload.ts';
import { dtls } from './dtls.ts';
import { ethernetIp } from './ethernet-ip.ts';
import { gtpControl, gtpControlV2, gtpUser } from './gtp.ts';
import { iax2 } from './iax2.ts';
import { ikeNat, ikeV1, ikeV2 } from './ike.ts';
import { kerberos } from './kerberos.ts';
import type { Payload } from './kit/payload.ts';
import { knx } from './knx.ts';
import { l2tp } from './l2tp.ts';
import { mdns } from './mdns.ts';
import { memcached } from './memcached-payload.ts';
import { mgcp } from './mgcp.ts';
import { mssqlBrowser } from './mssql-payload.ts';
import { mumble } from './mumble.ts';
import { natPmp } from './nat-pmp.ts';
import { netbios } from './netbios.ts';
import { nfs } from './nfs.ts';
import { ntp } from './ntp.ts';
import { openvpn } from './openvpn.ts';
import { quake3 } from './quake3.ts';
import { quic } from './quic.ts';
import { raknet } from './raknet.ts';
import { rdpUdp } from './rdp-udp.ts';
import { rip, ripng } from './rip.ts';
import { ipmi, rmcpPing } from './rmcp.ts';
import { rpcbind } from './rpcbind.ts';
import { sip } from './sip-payload.ts';
import { slp } from './slp.ts';
import { snmpV2, snmpV3 } from './snmp.ts';
import { sourceEngine } from './source-engine.ts';
import { ssdp } from './ssdp.ts';
import { stun } from './stun.ts';
import { tftp } from './tftp.ts';
import { vxWorks } from './vxworks.ts';
import { wsDiscovery } from './ws-discovery.ts';
import { xdmcp } from './xdmcp.ts';

/** Every payload; those of one port are sent in this order. */
export const PAYLOADS: readonly Payload[] = [
  dnsRoot,
  dnsVersion,
  tftp,
  quic,
  dtls,
  kerberos,
  rpcbind,
  ntp,
  netbios,
  snmpV3,
  snmpV2,
  xdmcp,
  cldap,
  slp,
  ikeV2,
  ikeV1,
  ikeNat,
  rip,
  ripng,
  rmcpPing,
  ipmi,
  openvpn,
  mssqlBrowser,
  l2tp,
  ssdp,
  nfs,
  gtpControl,
  gtpControlV2,
  gtpUser,
  ethernetIp,
  mgcp,
  rdpUdp,
  stun,
  knx,
  wsDiscovery,
  iax2,
  sip,
  natPmp,
  mdns,
  coap,
  bittorrentDht,
  memcached,
  vxWorks,
  raknet,
  sourceEngine,
  quake3,
  bacnet,
  mumble,
];

const BY_PORT = new Map<number, Payload[]>();
for (const payload of PAYLOADS) {
  for (const port of payload.ports) BY_PORT.set(port, [...(BY_PORT.get(port) ?? []), payload]);
}

/** What this port is asked with; an empty datagram, where the list is empty. */
export const payloadsFor = (port: number): readonly Payload[] => BY_PORT.get(port) ?? [];
