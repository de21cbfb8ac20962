import type { HostReport, Report } from '../../domain/report.ts';
import { counted } from './counted.ts';
import { xmlText } from './escape-xml.ts';
import { foldNeighbours } from './fold-neighbours.ts';
import { foldHost } from './fold-ports.ts';
import type { FormatOptions, MakeSections } from './format-options.ts';
import { hostHeadline, targetsHeadline } from './host-headline.ts';
import { HTML_STYLE } from './html-style.ts';
import { htmlSummary } from './html-summary.ts';
import { countOpenPorts, type OpenPortCounts } from './open-port-counts.ts';
import { portChart } from './port-chart.ts';
import { portTable, type Table } from './port-table.ts';
import { hostNotes } from './port-words.ts';
import { durationWords } from './summary-words.ts';
import { clockFormat, isoTime } from './time.ts';
import type { Ending } from './write-sections.ts';

/** One page that needs nothing else: no scripts, no fonts, no pictures. It can be mailed, archived and printed. */
export const htmlSections: MakeSections = (report, options) => {
  const timeFormat = clockFormat(options.timeZone);
  const quiet = foldNeighbours((hosts, body) => `<section>\n<h2>${xmlText(hosts)}</h2>\n${body}</section>\n`);
  const census = countOpenPorts();
  return {
    *head() {
      yield pageHead(report);
      yield htmlSummary(report, options);
    },
    *item(host) {
      census.add(host);
      const folded = foldHost(host, report.scan.plan.ports);
      const body = `${htmlTable(portTable(folded.rows, timeFormat))}${notesList(hostNotes(folded))}`;
      if (host.findings.length === 0 && host.names.length === 0) yield* quiet.hold(host.address, body);
      else yield* [...quiet.flush(), hostSection(host, report, body)];
    },
    *tail(ending) {
      yield* quiet.flush();
      yield frequencies(census);
      yield pageEnd(report, options, ending);
    },
  };
};

/** The policy holds even if some text should ever slip through unescaped: nothing is loaded, nothing runs. */
const pageHead = ({ scan }: Pick<Report, 'scan'>): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<title>Port scan of ${xmlText(targetsHeadline(scan.request.targets))}</title>
<style>${HTML_STYLE}</style>
</head>
<body>
`;

const hostSection = (host: HostReport, { scan }: Pick<Report, 'scan'>, body: string): string =>
  `<section>\n<h2>${xmlText(hostHeadline(host))}</h2>\n${portChart(host, scan.plan.ports)}${body}</section>\n`;

const notesList = (notes: readonly string[]): string =>
  notes.length === 0 ? '' : `<ul class="notes">\n${notes.map((note) => `<li>${xmlText(note)}</li>\n`).join('')}</ul>\n`;

function htmlTable({ head, body }: Table): string {
  if (body.length === 0) return '';
  const row = (cells: readonly string[], tag: 'th' | 'td'): string =>
    `<tr>${cells.map((cell) => `<${tag}>${xmlText(cell)}</${tag}>`).join('')}</tr>\n`;
  return `<table>\n<thead>${row(head, 'th')}</thead>\n<tbody>\n${body.map((cells) => row(cells, 'td')).join('')}</tbody>\n</table>\n`;
}

/** More would be a table of everything again. */
const MOST_FREQUENT = 20;

/** Which ports are open on how many hosts; of one host alone its own table tells it. */
function frequencies(census: OpenPortCounts): string {
  if (census.hosts() < 2) return '';
  const rows = census.most(MOST_FREQUENT).map(({ protocol, port, hosts }) => [`${port}/${protocol}`, `${hosts}`]);
  const title = `Open most often, of ${counted(census.hosts(), 'host')} with an open port`;
  return `<section>\n<h2>${title}</h2>\n${htmlTable({ head: ['PORT', 'HOSTS'], body: rows })}</section>\n`;
}

function pageEnd({ scan, summary }: Pick<Report, 'scan' | 'summary'>, options: FormatOptions, ending: Ending): string {
  const warning =
    ending.kind === 'finished' ? '' : '<p class="warning">The report was not finished: hosts are missing.</p>\n';
  return `${warning}<footer>
<p>${xmlText(durationWords(scan, summary))}</p>
<p>Written by Portfleet ${xmlText(options.version)}, <time datetime="${isoTime(options.now)}">${xmlText(clockFormat(options.timeZone)(options.now))}</time></p>
</footer>
</body>
</html>
`;
}
