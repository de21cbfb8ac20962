import type { HostReport } from '../../domain/report.ts';
import { printable } from './printable.ts';
import type { MakeSections } from './sections.ts';

/**
 * `host:port`, a line for each open port and each name of its address (the address itself where it has none), as naabu
 * writes it and `portfleet scan` reads it. An IPv6 address stands in brackets. A port of UDP has its protocol behind it,
 * because it is no use to a reader that would connect to it.
 */
export const listSections: MakeSections = () => ({
  *head() {},
  *item(host) {
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
