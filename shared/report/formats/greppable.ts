import { presenceOf } from '../../domain/host-presence.ts';
import { countPorts, formatPorts, NO_PORTS, type PortSet } from '../../domain/port-set.ts';
import type { Protocol } from '../../domain/probe.ts';
import { type FoldedHost, foldHost, type PortRow } from './fold.ts';
import { shownNames } from './host-words.ts';
import { countHostStates, doneWords, endingError } from './nmap-words.ts';
import { serviceText, versionText } from './port-lines.ts';
import { printable } from './printable.ts';
import type { MakeSections } from './sections.ts';
import { costWords, hostEventWords } from './summary-words.ts';
import { ctimeFormat } from './time.ts';

/** nmap's -oG: a host on a line or two, fields between tabs, and one ignored state at the most. */
export const greppableSections: MakeSections = ({ scan, summary }, options) => {
  const counts = countHostStates();
  const timeFormat = ctimeFormat(options.timeZone);
  return {
    *head() {
      yield `# Portfleet ${printable(options.version)} scan initiated ${timeFormat(scan.submittedAt)} as: ${printable(options.args)}\n`;
      yield `# Ports scanned: ${portsScanned('tcp', scan.plan.ports)} ${portsScanned('udp', scan.plan.ports)} SCTP(0;) PROTOCOLS(0;)\n`;
    },
    *item(host) {
      const presence = presenceOf(host);
      counts.count(presence);
      const name = `Host: ${host.address} (${inParentheses(shownNames(host).join(', '))})`;
      yield `${name}\tStatus: ${STATUS[presence.state]}\n`;
      const folded = foldHost(host, scan.plan.ports);
      if (folded.rows.length + folded.folded.length > 0) yield `${name}\t${portsFields(folded)}\n`;
    },
    *tail(ending) {
      for (const each of [...hostEventWords(summary), ...costWords(summary)]) yield `# ${each}\n`;
      const error = endingError(scan, ending);
      if (error !== undefined) yield `# ${printable(error)}\n`;
      yield `# ${doneWords(counts, timeFormat(scan.finishedAt ?? options.now), ' -- ', summary.duration)}\n`;
    },
  };
};

const STATUS = { up: 'Up', silent: 'Up', down: 'Down', unasked: 'Unknown' } as const;

function portsScanned(protocol: Protocol, ports: PortSet): string {
  const set: PortSet = { ...NO_PORTS, tcp: ports[protocol] };
  return `${protocol.toUpperCase()}(${countPorts(set)};${formatPorts(set)})`;
}

function portsFields({ rows, folded }: FoldedHost): string {
  const [ignored] = folded;
  const ports = `Ports: ${rows.map(portField).join(', ')}`;
  if (!ignored) return ports;
  const count = folded.reduce((sum, each) => sum + (each.state === ignored.state ? each.count : 0), 0);
  return `${ports}\tIgnored State: ${ignored.state} (${count})`;
}

/** `port/state/protocol/owner/service/rpc/version/`; of owners and rpc numbers nothing is known. */
function portField({ port, state, protocol, finding }: PortRow): string {
  const service = finding ? serviceText(finding) : '';
  const version = finding ? versionText(finding) : '';
  return `${port}/${state}/${protocol}//${field(service === 'unavailable' ? '' : service)}//${field(version)}/`;
}

/** What separates fields may not stand in them; nmap writes `|` for `/`, and so do we for the others. */
const field = (text: string): string => printable(text).replace(/[/,]/g, '|');
const inParentheses = (text: string): string => printable(text).replace(/[()]/g, '|');
