import { bacnetPayload } from './bacnet.ts';
import { bittorrentDhtPayload } from './bittorrent-dht.ts';
import { coapPayload } from './coap.ts';
import { dnsRootPayload, dnsVersionPayload } from './dns.ts';
import { dtlsPayload } from './dtls.ts';
import { ethernetIpPayload } from './ethernet-ip.ts';
import { gtpControlPayload, gtpControlV2Payload, gtpUserPayload } from './gtp.ts';
import { iax2Payload } from './iax2.ts';
import { ikeNatPayload, ikeV1Payload, ikeV2Payload } from './ike.ts';
import { kerberosPayload } from './kerberos.ts';
import type { Payload } from './kit/payload.ts';
import { knxPayload } from './knx.ts';
import { l2tpPayload } from './l2tp.ts';
import { cldapPayload } from './ldap.ts';
import { mdnsPayload } from './mdns.ts';
import { memcachedPayload } from './memcached.ts';
import { mgcpPayload } from './mgcp.ts';
import { mssqlBrowserPayload } from './mssql.ts';
import { mumblePayload } from './mumble.ts';
import { natPmpPayload } from './nat-pmp.ts';
import { netbiosPayload } from './netbios.ts';
import { nfsPayload } from './nfs.ts';
import { ntpPayload } from './ntp.ts';
import { openvpnPayload } from './openvpn.ts';
import { quake3Payload } from './quake3.ts';
import { quicPayload } from './quic.ts';
import { raknetPayload } from './raknet.ts';
import { rdpUdpPayload } from './rdp.ts';
import { ripngPayload, ripPayload } from './rip.ts';
import { ipmiPayload, rmcpPingPayload } from './rmcp.ts';
import { rpcbindPayload } from './rpcbind.ts';
import { sipPayload } from './sip.ts';
import { slpPayload } from './slp.ts';
import { snmpV2Payload, snmpV3Payload } from './snmp.ts';
import { sourceEnginePayload } from './source-engine.ts';
import { ssdpPayload } from './ssdp.ts';
import { stunPayload } from './stun.ts';
import { tftpPayload } from './tftp.ts';
import { vxWorksPayload } from './vxworks.ts';
import { wsDiscoveryPayload } from './ws-discovery.ts';
import { xdmcpPayload } from './xdmcp.ts';

/** Every payload; those of one port are sent in this order, what is answered in most words first. */
export const PAYLOADS: readonly Payload[] = [
  dnsVersionPayload,
  dnsRootPayload,
  tftpPayload,
  quicPayload,
  dtlsPayload,
  kerberosPayload,
  rpcbindPayload,
  ntpPayload,
  netbiosPayload,
  snmpV2Payload,
  snmpV3Payload,
  xdmcpPayload,
  cldapPayload,
  slpPayload,
  ikeV2Payload,
  ikeV1Payload,
  ikeNatPayload,
  ripPayload,
  ripngPayload,
  ipmiPayload,
  rmcpPingPayload,
  openvpnPayload,
  mssqlBrowserPayload,
  l2tpPayload,
  ssdpPayload,
  nfsPayload,
  gtpControlPayload,
  gtpControlV2Payload,
  gtpUserPayload,
  ethernetIpPayload,
  mgcpPayload,
  rdpUdpPayload,
  stunPayload,
  knxPayload,
  wsDiscoveryPayload,
  iax2Payload,
  sipPayload,
  natPmpPayload,
  mdnsPayload,
  coapPayload,
  bittorrentDhtPayload,
  memcachedPayload,
  vxWorksPayload,
  raknetPayload,
  sourceEnginePayload,
  quake3Payload,
  bacnetPayload,
  mumblePayload,
];

const BY_PORT = new Map<number, Payload[]>();
for (const payload of PAYLOADS) {
  for (const port of payload.ports) BY_PORT.set(port, [...(BY_PORT.get(port) ?? []), payload]);
}

/** What this port is asked with; an empty datagram, where the list is empty. */
export const payloadsFor = (port: number): readonly Payload[] => BY_PORT.get(port) ?? [];
