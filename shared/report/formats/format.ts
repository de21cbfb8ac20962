import type { HostReport, Report } from '../../domain/report.ts';
import { isSettled } from '../../domain/verdict.ts';
import { csvSections } from './csv.ts';
import { greppableSections } from './greppable.ts';
import { htmlSections } from './html.ts';
import { jsonSections } from './json.ts';
import { jsonlSections } from './jsonl.ts';
import { junitSections } from './junit.ts';
import { listSections } from './list.ts';
import { markdownSections } from './markdown.ts';
import { xmlSections } from './nmap-xml.ts';
import { sarifSections } from './sarif.ts';
import type { FormatOptions, MakeSections } from './sections.ts';
import { writeSections } from './sections.ts';
import { textSections } from './text.ts';

/*
 * Reports: a scan and its hosts enter, one host at a time, and text leaves, in one of the formats below.
 * Start here. `sections` drives every format; `printable` is where text from the network is made safe; `fold` decides
 * which ports get a line; `host-words`, `port-lines`, `summary-words` and `time` hold the words that formats share.
 */

interface Format {
  readonly sections: MakeSections;
  readonly mediaType: string;
  /** With the dot. */
  readonly extension: string;
  /** It passes or fails every host, so that `--open` may leave none out. */
  readonly isVerdict?: true;
}

/** Every format a report comes in, under the name that `--format` takes. */
export const FORMATS = {
  text: { sections: textSections, mediaType: 'text/plain; charset=utf-8', extension: '.txt' },
  list: { sections: listSections, mediaType: 'text/plain; charset=utf-8', extension: '.txt' },
  json: { sections: jsonSections, mediaType: 'application/json', extension: '.json' },
  jsonl: { sections: jsonlSections, mediaType: 'application/x-ndjson', extension: '.jsonl' },
  csv: { sections: csvSections, mediaType: 'text/csv; charset=utf-8', extension: '.csv' },
  xml: { sections: xmlSections, mediaType: 'application/xml', extension: '.xml' },
  greppable: { sections: greppableSections, mediaType: 'text/plain; charset=utf-8', extension: '.gnmap' },
  markdown: { sections: markdownSections, mediaType: 'text/markdown; charset=utf-8', extension: '.md' },
  junit: { sections: junitSections, mediaType: 'application/xml', extension: '.junit.xml', isVerdict: true },
  sarif: { sections: sarifSections, mediaType: 'application/sarif+json', extension: '.sarif', isVerdict: true },
  html: { sections: htmlSections, mediaType: 'text/html; charset=utf-8', extension: '.html' },
} as const satisfies Record<string, Format>;

export type FormatName = keyof typeof FORMATS;

/** The table as its readers see it, who do not know its entries one by one. */
const formatOf = (name: FormatName): Format => FORMATS[name];

export const isFormatName = (name: string): name is FormatName => Object.hasOwn(FORMATS, name);

/** The report in that format, in pieces of about 16 KiB; always closed, see `writeSections`. */
export const formatReport = (name: FormatName, report: Report, options: FormatOptions): AsyncGenerator<string> =>
  writeSections(
    options.openOnly && !formatOf(name).isVerdict ? withOpenPorts(report.hosts) : report.hosts,
    FORMATS[name].sections(report, options),
    options.signal,
  );

/** The hosts without what --open leaves out; `open|filtered` stays, because it may be open. */
async function* withOpenPorts(hosts: Report['hosts']): AsyncGenerator<HostReport, void, void> {
  for await (const host of hosts) {
    if (host.findings.length === 0) continue;
    yield { ...host, runs: host.runs.filter(({ verdict }) => !isSettled(verdict) || verdict.startsWith('open')) };
  }
}
