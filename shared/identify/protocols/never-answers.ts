/** A service that says nothing to a stranger however well it is asked, so that its port stays `open|filtered`. */
export interface NeverAnswers {
  readonly protocol: string;
  readonly ports: readonly number[];
  readonly because: string;
}

/** Not asked with more than an empty datagram; for these, `open|filtered` is the honest answer. */
export const NEVER_ANSWERS: readonly NeverAnswers[] = [
  { protocol: 'discard', ports: [9], because: 'throws away what it gets (RFC 863)' },
  { protocol: 'DHCP', ports: [67, 68], because: 'answers to port 68 and to no other (RFC 2131 section 4.1)' },
  { protocol: 'NetBIOS datagrams', ports: [138], because: 'one-way messages (RFC 1002 section 4.4)' },
  { protocol: 'SNMP traps', ports: [162], because: 'takes notifications in, sends none (RFC 3417)' },
  { protocol: 'syslog', ports: [514], because: 'one-way (RFC 5424)' },
  { protocol: 'DHCPv6', ports: [546, 547], because: 'answers to port 546 and to no other (RFC 8415 section 7.2)' },
  {
    protocol: 'RADIUS',
    ports: [1645, 1646, 1812, 1813],
    because: 'drops what comes from a client that it shares no secret with (RFC 2865 section 3)',
  },
  { protocol: 'NetFlow, IPFIX, sFlow', ports: [2055, 4739, 6343, 9995, 9996], because: 'collectors, one-way' },
  { protocol: 'VXLAN, GENEVE', ports: [4789, 6081, 8472], because: 'carry frames, answer none (RFC 7348)' },
  { protocol: 'LLMNR', ports: [5355], because: 'takes unicast questions over TCP only (RFC 4795 section 2.4)' },
  { protocol: 'statsd, GELF, collectd', ports: [8125, 12201, 25826], because: 'collectors, one-way' },
  { protocol: 'Tailscale', ports: [41641], because: 'WireGuard: drops what its peers have not signed' },
  { protocol: 'WireGuard', ports: [51820], because: 'silent by design to whoever is not a peer' },
];
