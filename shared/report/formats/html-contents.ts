import type { PortAt } from '../../domain/port-set.ts';
import type { HostReport } from '../../domain/report.ts';
import { counted, hostHeadline } from './host-words.ts';
import { xmlText } from './printable.ts';

/** More hosts than this are counted, so that the contents of a sweep do not outgrow the page. */
const MOST_HOSTS = 1_000;

/** Columns of the matrix, the ports that are open on most hosts first; the tables of the hosts have all. */
const MOST_COLUMNS = 24;

/** Ports behind a host in the list of contents. */
const MOST_PORTS = 12;

interface Entry {
  readonly id: string;
  readonly title: string;
  readonly ports: readonly string[];
}

/** What the hosts with an open port come to, gathered while they are written. */
export interface Contents {
  /** Notes the host, and gives the id of its section. */
  add(host: HostReport): string;
  /** The list of hosts with their open ports, and the matrix; nothing for a single host. */
  html(frequent: readonly (PortAt & { readonly hosts: number })[]): string;
}

export function gatherContents(): Contents {
  const entries: Entry[] = [];
  let [sections, leftOut] = [0, 0];
  return {
    add(host) {
      sections++;
      const id = `host-${sections}`;
      const ports = host.findings.map(({ port, protocol }) => `${port}/${protocol}`);
      if (entries.length < MOST_HOSTS) entries.push({ id, title: hostHeadline(host), ports });
      else leftOut++;
      return id;
    },
    html(frequent) {
      if (entries.length < 2) return '';
      const columns = frequent.slice(0, MOST_COLUMNS).map(({ port, protocol }) => `${port}/${protocol}`);
      const more = leftOut === 0 ? '' : `<p class="faint">and ${counted(leftOut, 'host')} more below</p>\n`;
      return `<nav class="contents" id="contents">
<h2>Hosts</h2>
<p class="filter" hidden="hidden"><label>Filter <input type="search" placeholder="host, port, service, program"/></label> <output></output></p>
<ul>
${entries.map(listItem).join('')}</ul>
${more}${columns.length === 0 ? '' : matrix(entries, columns)}</nav>
`;
    },
  };
}

function listItem({ id, title, ports }: Entry): string {
  const rest = ports.length - MOST_PORTS;
  const shown = `${ports.slice(0, MOST_PORTS).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
  return `<li data-of="${id}"><a href="#${id}">${xmlText(title)}</a> <span class="faint">${shown}</span></li>\n`;
}

/**
 * Hosts by ports: the host that is unlike the others has its mark where they have none. Hosts with the same open ports
 * share a line, the rarest kinds first.
 */
function matrix(entries: readonly Entry[], columns: readonly string[]): string {
  const head = columns.map((column) => `<th scope="col"><span>${column}</span></th>`).join('');
  const rows = kindsOf(entries).map((alike) => {
    const [{ id, title, ports } = { id: '', title: '', ports: [] as readonly string[] }] = alike;
    const open = new Set(ports);
    const cells = columns.map((column) => (open.has(column) ? '<td class="yes">●</td>' : '<td></td>'));
    const more = alike.length === 1 ? '' : ` <span class="faint">and ${counted(alike.length - 1, 'host')} alike</span>`;
    const of = alike.map((entry) => entry.id).join(' ');
    return `<tr data-of="${of}"><th scope="row"><a href="#${id}">${xmlText(title)}</a>${more}</th>${cells.join('')}</tr>\n`;
  });
  return `<div class="matrix"><table>\n<thead><tr><th>HOST</th>${head}</tr></thead>\n<tbody>\n${rows.join('')}</tbody>\n</table></div>\n`;
}

function kindsOf(entries: readonly Entry[]): readonly (readonly Entry[])[] {
  const kinds = new Map<string, Entry[]>();
  for (const entry of entries) {
    const key = entry.ports.join();
    const alike = kinds.get(key) ?? [];
    kinds.set(key, alike);
    alike.push(entry);
  }
  return [...kinds.values()].sort((a, b) => a.length - b.length);
}
