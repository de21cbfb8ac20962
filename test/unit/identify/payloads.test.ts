import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { topPorts } from '../../../shared/domain/registry/top-ports.ts';
import { PAYLOADS, payloadsFor } from '../../../shared/identify/protocols/all-payloads.ts';
import { integer, tlv } from '../../../shared/identify/protocols/kit/der.ts';
import { NEVER_ANSWERS } from '../../../shared/identify/protocols/never-answers.ts';
import { wsDiscoveryPayload } from '../../../shared/identify/protocols/ws-discovery.ts';
import { dissect, tsharkMissing } from '../../helpers/dissect.ts';
import { expectInDocs } from '../../helpers/docs.ts';
import { tempDir } from '../../helpers/temp-dir.ts';

/** By protocol and what is asked: what tshark must call it, and say of it. */
const DISSECTED: Readonly<Record<string, readonly [protocols: string, summary: RegExp]>> = {
  'DNS: the name servers of the root': ['dns', /^Standard query 0x7066 NS <Root>$/],
  'DNS: version.bind, class CHAOS': ['dns', /^Standard query 0x7067 TXT version\.bind$/],
  'TFTP: to read a file that is not there': ['tftp', /^Read Request, File: portfleet-no-such-file, .* octet$/],
  'QUIC: a version that cannot be: negotiate another': ['quic', /^Initial, DCID=506f7274666c7431/],
  'DTLS: to begin a session (ClientHello)': ['dtls', /^Client Hello$/],
  'Kerberos: a ticket for a name in a realm that cannot exist': ['kerberos', /^AS-REQ$/],
  'rpcbind: procedure 0 of the port mapper': ['rpc', /^V2 NULL Call$/],
  'NTP: the time, as a client (mode 3)': ['ntp', /^NTP Version 4, client$/],
  'NetBIOS name service: the status of the node and its names (NBSTAT)': ['nbns', /^Name query NBSTAT \*/],
  'SNMP: the engine of version 3 to make itself known': ['snmp', /^get-request$/],
  'SNMP: sysDescr by version 2c, community "public"': ['snmp', /^get-request 1\.3\.6\.1\.2\.1\.1\.1\.0$/],
  'XDMCP: whether it manages displays': ['xdmcp', /^Query$/],
  'CLDAP: the root of the directory for its LDAP versions': ['cldap', /^searchRequest\(1\) "<ROOT>" baseObject/],
  'SLP: the kinds of service in the scope "default"': ['srvloc', /^Service Type Request, V2/],
  'IKE: to begin version 2 (IKE_SA_INIT)': ['isakmp', /^IKE_SA_INIT MID=00 Initiator Request$/],
  'IKE: to begin version 2, through address translation': ['udpencap:isakmp', /^IKE_SA_INIT MID=00 Initiator/],
  'IKE: to begin version 1, main mode': ['isakmp', /^Identity Protection \(Main Mode\)$/],
  'RIP: the whole routing table': ['rip', /^Request$/],
  'RIPng: the whole IPv6 routing table': ['ripng', /Command Request, Version 1/],
  'RMCP: presence ping': ['rmcp:asf', /^Presence Ping$/],
  'IPMI: how this channel authenticates': ['rmcp:ipmi_session:data', /^Session ID 0x0$/],
  'OpenVPN: to begin a session': ['openvpn', /P_CONTROL_HARD_RESET_CLIENT_V2$/],
  'L2TP: to begin a tunnel (SCCRQ)': ['l2tp', /^Control Message - SCCRQ/],
  'SSDP: for the root device (M-SEARCH)': ['ssdp', /^M-SEARCH \* HTTP\/1\.1$/],
  'NFS: procedure 0 of version 3': ['rpc', /^V3 NULL Call$/],
  'GTP-C: for an echo, version 1': ['gtp', /^Echo request$/],
  'GTP-C: for an echo, version 2': ['gtp:gtpv2', /^Echo Request$/],
  'GTP-U: for an echo': ['gtp', /^Echo request$/],
  'EtherNet/IP: which device it is': ['enip', /^List Identity \(Req\)$/],
  'MGCP: for its endpoints (AuditEndpoint)': ['mgcp', /^AUEP 7066/],
  'RDP over UDP: to begin a connection (SYN)': ['rdpudp', /^SYN$/],
  'STUN: from where it is reached (Binding)': ['stun', /^Binding Request$/],
  'KNXnet/IP: which device it is': ['kip', /^DescrReq/],
  'IAX2: whether it is there (POKE)': ['iax2', /POKE$/],
  'SIP: what it can do (OPTIONS)': ['sip', /^Request: OPTIONS sip:portfleet\.invalid/],
  'NAT-PMP: the external address': ['portcontrol', /^External Address Request$/],
  'mDNS: the kinds of service that are announced': ['mdns', /PTR _services\._dns-sd\._udp\.local, "QU" question$/],
  'CoAP: GET /.well-known/core': ['coap', /GET, \/\.well-known\/core$/],
  'BitTorrent DHT: whether it is there (ping)': ['bt-dht', /^BitTorrent DHT Protocol$/],
  'memcached: its version': ['memcache', /^MEMCACHE/],
  'RakNet: what is played (unconnected ping)': ['raknet:raknet', /^Unconnected Ping$/],
  'BACnet/IP: which device it is': ['bvlc:bacnet:bacapp', /readProperty\[ {2}1\] device,4194303 object-identifier/],
};

/**
 * tshark does not know these, or not this program of ONC RPC (VxWorks, whose call is built like that of rpcbind), or
 * wants a zero byte at the end that the game does not send (Quake III).
 */
const NOT_DISSECTED = [
  'MS-SQL browser',
  'WS-Discovery',
  'VxWorks debug agent',
  'Source engine query',
  'Quake III Arena',
  'Mumble',
];

const nameOf = ({ protocol, asks }: { protocol: string; asks: string }): string => `${protocol}: ${asks}`;

describe('the payloads', () => {
  it('each name a public document, and fit into a packet that no network splits', () => {
    for (const payload of PAYLOADS) {
      expect(payload.source, nameOf(payload)).not.toBe('');
      expect(payload.ports.length, nameOf(payload)).toBeGreaterThan(0);
      // 1,280 bytes is the least that IPv6 carries (RFC 8200 section 5), less its header and that of UDP
      expect(payload.bytes.length, nameOf(payload)).toBeLessThanOrEqual(1_280 - 40 - 8);
    }
  });

  it('are given out by port, in order, and to no other port', () => {
    expect(payloadsFor(53).map(nameOf)).toEqual([
      'DNS: version.bind, class CHAOS',
      'DNS: the name servers of the root',
    ]);
    expect(payloadsFor(500).map(({ asks }) => asks)).toEqual([
      'to begin version 2 (IKE_SA_INIT)',
      'to begin version 1, main mode',
    ]);
    expect(payloadsFor(51_820)).toEqual([]);
  });

  it('leave those alone that never answer', () => {
    for (const { ports, protocol } of NEVER_ANSWERS) {
      for (const port of ports) expect(payloadsFor(port), `${protocol} ${port}`).toEqual([]);
    }
  });

  it('of WS-Discovery are well-formed XML, with a Probe in the body', () => {
    const xml = Buffer.from(wsDiscoveryPayload.bytes).toString();
    expect(XMLValidator.validate(xml)).toBe(true);
    const { Envelope } = new XMLParser({ removeNSPrefix: true }).parse(xml);
    expect(Envelope.Body).toHaveProperty('Probe');
    expect(Envelope.Header.Action).toMatch(/\/discovery\/Probe$/);
  });

  it.skipIf(tsharkMissing)(`are read by tshark as what they are meant to be ${tsharkMissing ?? ''}`, () => {
    const known = PAYLOADS.filter(({ protocol }) => !NOT_DISSECTED.includes(protocol));
    const seen = dissect(
      known.map(({ ports, bytes }) => ({ port: ports[0] ?? 0, bytes })),
      tempDir(),
    );
    expect(known.map(nameOf).sort()).toEqual(Object.keys(DISSECTED).sort());
    for (const [index, payload] of known.entries()) {
      const [protocols, summary] = DISSECTED[nameOf(payload)] ?? [];
      expect(seen[index], nameOf(payload)).toMatchObject({ protocols, malformed: false });
      expect(seen[index]?.summary).toMatch(summary ?? /^$/);
    }
  });
});

describe('ASN.1', () => {
  it('writes whole numbers and lengths as X.690 does', () => {
    const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
    expect([0, 127, 128, 255, 256, 65_507, 2_147_483_647].map((value) => hex(integer(value)))).toEqual([
      '020100',
      '02017f',
      '02020080',
      '020200ff',
      '02020100',
      '020300ffe3',
      '02047fffffff',
    ]);
    expect([0, 127, 128, 255, 256].map((length) => hex(tlv(4, new Uint8Array(length))).slice(0, 8))).toEqual([
      '0400',
      '047f0000',
      '04818000',
      '0481ff00',
      '04820100',
    ]);
  });
});

describe('the table of payloads in the docs', () => {
  it('says what the code sends', () => {
    const rows = PAYLOADS.toSorted((a, b) => (a.ports[0] ?? 0) - (b.ports[0] ?? 0)).map(
      ({ protocol, ports, asks, bytes, source }) =>
        `| ${ports.join(', ')} | ${protocol} | ${asks} | ${bytes.length} | ${source} |`,
    );
    const head = ['| port | protocol | asks | bytes | source |', '|---|---|---|---|---|'];
    expectInDocs('docs/udp.md', 'payloads', [...head, ...rows].join('\n'));
  });

  it('says which services never answer', () => {
    const rows = NEVER_ANSWERS.map(
      ({ ports, protocol, because }) => `| ${ports.join(', ')} | ${protocol} | ${because} |`,
    );
    expectInDocs('docs/udp.md', 'silent', ['| port | protocol | why |', '|---|---|---|', ...rows].join('\n'));
  });

  it('counts how many of the ranked ports have a payload', () => {
    const top = topPorts('udp', 100);
    const withPayload = top.filter((port) => payloadsFor(port).length > 0).length;
    expectInDocs('docs/udp.md', 'share', `Of the 100 ports probed first, ${withPayload} have a payload of their own.`);
  });
});
