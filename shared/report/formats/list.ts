import { presenceOf } from '../../domain/host-presence.ts';
import type { HostReport } from '../../domain/report.ts';
import { printable } from './printable.ts';
import type { MakeSections } from './sections.ts';

/**
 * `host:port`, a line for each open port and each name of its address (the address itself where it has none), as naabu
 * writes it and `portfleet scan` reads it. An IPv6 address stands in brackets. A port of UDP has its protocol behind it,
 * because it is no use to a reader that would connect to it. A scan that only looks for hosts lists those that are up.
 */
export const listSections: MakeSections = ({ scan }) => ({
  *head() {},
  *item(host) {
    if (scan.plan.discovery?.kind === 'only') {
      if (presenceOf(host).state === 'up') for (const name of hostsOf(host)) yield `${name}\n`;
      return;
    }
    for (const { port, protocol } of host.findings) {
      const ending = protocol === 'tcp' ? '' : `/${protocol}`;
      for (const name of hostsOf(host)) yield `${name}:${port}${ending}\n`;
    }
  },
  *tail() {},
});

function hostsOf({ address, names }: HostReport): readonly string[] {
  if (names.length > 0) return names.map(printable);
  return [address.includes(':') ? `[${address}]` : address];
}
