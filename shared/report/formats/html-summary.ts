import type { Report } from '../../domain/report.ts';
import type { ScanSummary } from '../../domain/scan.ts';
import type { Verdict } from '../../domain/verdict.ts';
import { targetsHeadline, thousands } from './host-words.ts';
import { PAINTS, type Paint, paintOf } from './port-chart.ts';
import { xmlText } from './printable.ts';
import type { FormatOptions } from './sections.ts';
import { importSentences, summarySentences } from './summary-words.ts';
import { clockFormat, durationText, isoTime } from './time.ts';

/** The legend's word for each paint. */
const PAINT_WORDS = {
  open: 'open',
  maybe: 'open or filtered',
  unprobed: 'not probed',
  filtered: 'filtered',
  closed: 'closed',
} as const satisfies Record<Paint, string>;

/** The top of the page: what was scanned, the figures, the states as a bar, and every sentence of the summary. */
export function htmlSummary({ scan, summary }: Pick<Report, 'scan' | 'summary'>, options: FormatOptions): string {
  const timeFormat = clockFormat(options.timeZone);
  const counts = paintCounts(summary);
  const probed = summary.planned - counts.unprobed;
  const sentences = [...summarySentences(summary), ...importSentences(scan)].map(
    (sentence) => `<li>${xmlText(sentence)}</li>\n`,
  );
  return `<header>
<h1>Port scan of ${xmlText(targetsHeadline(scan.request.targets))}</h1>
<p class="faint">Scan ${scan.id}, submitted <time datetime="${isoTime(scan.submittedAt)}">${xmlText(timeFormat(scan.submittedAt))}</time>, ${xmlText(scan.status.replaceAll('-', ' '))}</p>
</header>
<ul class="figures">
${figure('open ports', thousands(counts.open))}${figure(`of ${thousands(summary.planned)} probed`, thousands(probed))}${figure('hours, minutes, seconds', durationText(summary.duration))}</ul>
${stateBar(counts, summary.planned)}<ul class="notes">
${sentences.join('')}</ul>
`;
}

const figure = (what: string, value: string): string =>
  `<li><strong>${value}</strong><span class="faint">${what}</span></li>\n`;

type PaintCounts = Record<Paint, number>;

function paintCounts({ settled, unprobed, pending }: ScanSummary): PaintCounts {
  const counts: PaintCounts = { open: 0, maybe: 0, unprobed: pending, filtered: 0, closed: 0 };
  for (const [verdict, count] of Object.entries({ ...settled, ...unprobed }) as [Verdict, number][]) {
    counts[paintOf(verdict)] += count;
  }
  return counts;
}

/** The share of each state. One that is there at all is wide enough to be seen. */
function stateBar(counts: PaintCounts, planned: number): string {
  const WIDTH = 1000;
  const present = PAINTS.filter((paint) => counts[paint] > 0);
  const widths = present.map((paint) => Math.max(4, (counts[paint] / planned) * WIDTH));
  const scale = WIDTH / widths.reduce((sum, width) => sum + width, 0);
  let x = 0;
  const pieces = present.map((paint, index) => {
    const width = (widths[index] ?? 0) * scale;
    const piece = `<rect class="${paint}" x="${x.toFixed(1)}" y="0" width="${width.toFixed(1)}" height="14"/>`;
    x += width;
    return piece;
  });
  const legend = present.map(
    (paint) => `<li><span class="dot ${paint}"></span>${thousands(counts[paint])} ${PAINT_WORDS[paint]}</li>\n`,
  );
  return `<svg class="bar" viewBox="0 0 ${WIDTH} 14" preserveAspectRatio="none" role="img"><title>Ports by state</title>${pieces.join('')}</svg>
<ul class="legend">
${legend.join('')}</ul>
`;
}
