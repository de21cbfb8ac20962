import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { HostReport } from '../../../shared/domain/report.ts';
import { FORMATS, type FormatName, formatReport } from '../../../shared/report/formats/format.ts';
import { finding, host, OPTIONS, report, run, tcp } from '../../helpers/sample-report.ts';

const FORMAT_NAMES = Object.keys(FORMATS) as FormatName[];
const ports = tcp([1, 10]);

/** Hosts without end, none like the one before. `taken` counts how many were asked for. */
function endless() {
  let taken = 0;
  async function* hosts(): AsyncGenerator<HostReport> {
    for (;;) {
      const address = `10.${(taken >> 16) & 255}.${(taken >> 8) & 255}.${taken & 255}`;
      taken++;
      yield host(address, { findings: [finding(address, 1)], runs: [run(2, 10, 'closed/conn-refused')] });
    }
  }
  return { hosts: hosts(), taken: () => taken };
}

describe.each(FORMAT_NAMES)('the format %s', (format) => {
  it('takes a host only when its reader wants more text, and holds none back', async () => {
    const source = endless();
    let read = 0;
    let pieces = 0;
    for await (const piece of formatReport(format, { ...report([], ports), hosts: source.hosts }, OPTIONS)) {
      read += piece.length;
      pieces++;
      if (pieces === 20) break;
    }
    expect(read / pieces).toBeLessThan(40_000);
    // A host is at least 50 characters in every format but the list, whose line is 10 or more.
    expect(source.taken()).toBeGreaterThan(10);
    expect(source.taken()).toBeLessThan(read / (format === 'list' ? 10 : 50));
  });

  it('ends in form as soon as it is told to, although hosts would never end', async () => {
    const controller = new AbortController();
    const source = endless();
    const options = { ...OPTIONS, signal: controller.signal };
    let last = '';
    for await (const piece of formatReport(format, { ...report([], ports), hosts: source.hosts }, options)) {
      last = piece;
      controller.abort();
    }
    const closing = {
      text: /Scanning completed in/,
      json: /"ending": \{"kind":"interrupted"\}\n\}\n$/,
      list: /:\d+\n$/,
      jsonl: /\}\n$/,
      csv: /\r\n$/,
      xml: /<\/nmaprun>\n$/,
      greppable: /# Portfleet done/,
      markdown: /Scanning completed in/,
      junit: /<\/testsuites>\n$/,
      sarif: /"executionSuccessful":false\}\]\n\}\]\n\}\n$/,
      html: /<\/html>\n$/,
    };
    expect(last).toMatch(closing[format]);
  });
});

describe('the memory of a report', () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const heap = (): number => {
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };

  it.each(['text', 'json', 'xml'] as const)('does not grow with the hosts, as %s', async (format) => {
    const heaps: number[] = [];
    async function* hosts(): AsyncGenerator<HostReport> {
      const { hosts: source, taken } = endless();
      for await (const each of source) {
        if (taken() % 5_000 === 0) heaps.push(heap());
        if (taken() > 15_000) return;
        yield each;
      }
    }
    const options = { ...OPTIONS, signal: new AbortController().signal };
    for await (const _ of formatReport(format, { ...report([], ports), hosts: hosts() }, options));
    // Two hundred bytes kept of each host between the first and the last reading would be 2 MB; a finding has more.
    expect((heaps[2] ?? 0) - (heaps[0] ?? 0)).toBeLessThan(2_000_000);
  });
});
