import type { PortAt } from '../../domain/port-set.ts';
import type { HostReport, Report } from '../../domain/report.ts';
import { HIGHEST_PORT } from '../../domain/units.ts';
import { exposureNotes } from '../exposure.ts';
import { foldHost, foldNeighbours, type PortRow } from './fold.ts';
import { counted, hostHeadline, hostNotes, reverseNote, shownNames, targetsHeadline } from './host-words.ts';
import { gatherContents } from './html-contents.ts';
import { type HostAnchor, makeLikenesses } from './html-likeness.ts';
import { HTML_SCRIPT, HTML_SCRIPT_HASH } from './html-script.ts';
import { HTML_STYLE } from './html-style.ts';
import { htmlSummary } from './html-summary.ts';
import { portChart } from './port-chart.ts';
import { type PortTable, portCells, portTable } from './port-lines.ts';
import { xmlText } from './printable.ts';
import type { Ending, FormatOptions, MakeSections } from './sections.ts';
import { durationWords } from './summary-words.ts';
import { clockFormat, isoTime } from './time.ts';

/**
 * One page that needs nothing else: no fonts, no pictures, and without its one script everything can be read. It can be
 * mailed, archived and printed. What only the end of a report knows, the contents, stands last in the file, and the style
 * puts it above the hosts.
 */
export const htmlSections: MakeSections = (report, options) => {
  const timeFormat = clockFormat(options.timeZone);
  const quiet = foldNeighbours((hosts, body) => `<section>\n<h2>${xmlText(hosts)}</h2>\n${body}</section>\n`);
  const openPorts = countOpenPorts();
  const contents = gatherContents();
  const likenesses = makeLikenesses();
  return {
    *head() {
      yield pageHead(report);
      yield htmlSummary(report, options);
    },
    *item(host) {
      openPorts.add(host);
      const folded = foldHost(host, report.scan.plan.ports);
      const notes = [
        ...reverseNote(host),
        ...hostNotes(folded, host.facts),
        ...exposureNotes(host, report.scan.plan.ports),
      ];
      const body = hostBody(portTable(folded.rows, timeFormat), notes);
      if (host.findings.length === 0 && shownNames(host).length === 0)
        return yield* quiet.hold(host.address, [...body].join(''));
      yield* quiet.flush();
      const id = contents.add(host);
      const first = likenesses.firstLike({ id, title: hostHeadline(host) }, looksOf(folded.rows, notes));
      yield* hostSection(host, { ...report, id, first }, body);
    },
    *tail(ending) {
      yield* quiet.flush();
      yield contents.html(openPorts.most(MOST_FREQUENT_COLUMNS));
      yield* frequencies(openPorts);
      yield pageEnd(report, options, ending);
    },
  };
};

/** The policy holds even if some text should ever slip through unescaped: nothing is loaded, and only our filter runs. */
const pageHead = ({ scan }: Pick<Report, 'scan'>): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src '${HTML_SCRIPT_HASH}'"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<title>Port scan of ${xmlText(targetsHeadline(scan.request.targets))}</title>
<style>${HTML_STYLE}</style>
</head>
<body>
`;

interface SectionOf extends Pick<Report, 'scan'> {
  readonly id: string;
  /** The section above that looks the same; undefined for the first of its kind. */
  readonly first: HostAnchor | undefined;
}

/** A host that looks like one above is a line that opens: three hundred alike hosts are then a page or two. */
function* hostSection(
  host: HostReport,
  { scan, id, first }: SectionOf,
  body: Iterable<string>,
): Generator<string, void, void> {
  yield `<section id="${id}"${first ? ' class="alike"' : ''}>\n<h2>${xmlText(hostHeadline(host))}</h2>\n`;
  if (first) yield `<details><summary>as <a href="#${first.id}">${xmlText(first.title)}</a></summary>\n`;
  yield portChart(host, scan.plan.ports);
  yield* body;
  yield `${first ? '</details>' : ''}</section>\n`;
}

function* hostBody(table: PortTable, notes: readonly string[]): Generator<string, void, void> {
  yield* htmlTable(table);
  yield notesList(notes);
}

/** All that the section of a host says of it, but when each port was seen. */
function* looksOf(rows: readonly PortRow[], notes: readonly string[]): Generator<string, void, void> {
  for (const row of rows) yield portCells(row, () => '').join(' ');
  yield* notes;
}

const notesList = (notes: readonly string[]): string =>
  notes.length === 0 ? '' : `<ul class="notes">\n${notes.map((note) => `<li>${xmlText(note)}</li>\n`).join('')}</ul>\n`;

function* htmlTable({ head, body }: Pick<PortTable, 'head' | 'body'>): Generator<string, void, void> {
  if (head.length === 0) return;
  const row = (cells: readonly string[], tag: 'th' | 'td'): string =>
    `<tr>${cells.map((cell) => `<${tag}>${xmlText(cell)}</${tag}>`).join('')}</tr>\n`;
  yield `<table>\n<thead>${row(head, 'th')}</thead>\n<tbody>\n`;
  for (const cells of body) yield row(cells, 'td');
  yield '</tbody>\n</table>\n';
}

/** The matrix has room for as many columns. */
const MOST_FREQUENT_COLUMNS = 24;

/** More would be a table of everything again. */
const MOST_FREQUENT = 20;

/** Which ports are open on how many hosts; of one host alone its own table tells it. */
function* frequencies(openPorts: OpenPortCounts): Generator<string, void, void> {
  if (openPorts.hosts() < 2) return;
  const rows = openPorts.most(MOST_FREQUENT).map(({ protocol, port, hosts }) => [`${port}/${protocol}`, `${hosts}`]);
  const title = `Open most often, of ${counted(openPorts.hosts(), 'host')} with an open port`;
  yield `<section class="overview">\n<h2>${title}</h2>\n`;
  yield* htmlTable({ head: ['PORT', 'HOSTS'], body: rows });
  yield '</section>\n';
}

function pageEnd({ scan, summary }: Pick<Report, 'scan' | 'summary'>, options: FormatOptions, ending: Ending): string {
  const warning =
    ending.kind === 'finished' ? '' : '<p class="warning">The report was not finished: hosts are missing.</p>\n';
  return `${warning}<footer>
<p>${xmlText(durationWords(scan, summary))}</p>
<p>Written by Portfleet ${xmlText(options.version)}, <time datetime="${isoTime(options.now)}">${xmlText(clockFormat(options.timeZone)(options.now))}</time></p>
</footer>
<script>${HTML_SCRIPT}</script>
</body>
</html>
`;
}

/** On how many hosts a port is open. */
export interface PortFrequency extends PortAt {
  readonly hosts: number;
}

/** Counts open ports over all hosts, in memory that does not grow with the hosts: a number a port. */
export interface OpenPortCounts {
  add(host: HostReport): void;
  hosts(): number;
  /** The ports that are open on most hosts, the most frequent first. */
  most(count: number): PortFrequency[];
}

export function countOpenPorts(): OpenPortCounts {
  const counts = { tcp: new Uint32Array(HIGHEST_PORT + 1), udp: new Uint32Array(HIGHEST_PORT + 1) };
  let hosts = 0;
  return {
    add({ findings }) {
      if (findings.length > 0) hosts++;
      for (const { protocol, port } of findings) counts[protocol][port] = (counts[protocol][port] ?? 0) + 1;
    },
    hosts: () => hosts,
    most(count) {
      const all = (['tcp', 'udp'] as const).flatMap((protocol) =>
        Array.from(counts[protocol], (times, port) => ({ protocol, port: port as PortAt['port'], hosts: times })),
      );
      return all
        .filter((each) => each.hosts > 0)
        .sort((a, b) => b.hosts - a.hosts)
        .slice(0, count);
    },
  };
}
