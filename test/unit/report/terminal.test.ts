import { join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errorText } from '../../../cli/output/error-text.ts';
import { outputChannel } from '../../../cli/output/output-channel.ts';
import { runProgram } from '../../../cli/program.ts';
import { compareAddresses } from '../../../shared/domain/addresses/address-line.ts';
import { ERRORS, type ErrorCode, errorValue } from '../../../shared/domain/errors.ts';
import type { ImportFacts } from '../../../shared/domain/imported.ts';
import { DIFF_FORMATS, type DiffFormatName, formatDiff } from '../../../shared/report/diff/diff-format.ts';
import { diffScans } from '../../../shared/report/diff/diff-scans.ts';
import { violationLine } from '../../../shared/report/expectations/expect.ts';
import { FORMATS, type FormatName, formatReport } from '../../../shared/report/formats/format.ts';
import { findingLine } from '../../../shared/report/formats/port-lines.ts';
import { isoTime } from '../../../shared/report/formats/time.ts';
import { arbitraryReport, HOSTILE, hostileText } from '../../helpers/arbitrary-report.ts';
import { readText } from '../../helpers/import-file.ts';
import { OPTIONS, whole } from '../../helpers/sample-report.ts';
import { tempDir } from '../../helpers/temp-dir.ts';
import { terminalEffects } from '../../helpers/terminal.ts';

const RUNS = { numRuns: 20 };

const facts = hostileText.map(
  (text): ImportFacts => ({ file: text, tool: text, ports: 'listed', incomplete: text, notes: [text], hosts: {} }),
);

describe('the model of a terminal', () => {
  it('sees what a terminal would obey, and lets text and line ends be', () => {
    expect(terminalEffects('plain\ttext\r\nüber 日本 😀\n')).toEqual([]);
    for (const each of [
      '\u001b[31m',
      '\u009b2J',
      '\u001b]0;title\u0007',
      '\rover',
      '\u0008',
      '\u202e',
      '\u2028',
      '\u007f',
    ]) {
      expect(terminalEffects(each)).toHaveLength(1);
    }
  });
});

describe('a terminal', () => {
  it('gets nothing to obey from a report, in any format, whatever the network said', async () => {
    const format = fc.constantFrom(...(Object.keys(FORMATS) as FormatName[]));
    await fc.assert(
      fc.asyncProperty(arbitraryReport, facts, hostileText, format, async ({ hosts, make }, imported, text, name) => {
        const { scan, summary, hosts: each } = make();
        const request = { targets: [text], exclude: [], ports: text };
        const report = { scan: { ...scan, request, imported }, summary, hosts: each };
        expect(terminalEffects(await whole(formatReport(name, report, { ...OPTIONS, args: text })))).toEqual([]);
        for (const finding of hosts.flatMap(({ findings }) => findings)) {
          const line = findingLine(finding, { timeFormat: isoTime, addresses: 'many' });
          const violation = violationLine({ kind: 'unexpected', names: [text], finding }, isoTime);
          expect(terminalEffects(line + violation)).toEqual([]);
        }
      }),
      RUNS,
    );
  });

  it('gets nothing to obey from a difference, in any format', async () => {
    const format = fc.constantFrom(...(Object.keys(DIFF_FORMATS) as DiffFormatName[]));
    await fc.assert(
      fc.asyncProperty(arbitraryReport, arbitraryReport, hostileText, format, async (before, after, label, name) => {
        const diff = diffScans({ ...before.make(), label }, { ...after.make(), label }, compareAddresses);
        expect(terminalEffects(await whole(formatDiff(name, diff, OPTIONS)))).toEqual([]);
      }),
      RUNS,
    );
  });

  it('gets nothing to obey from an error, nor a line of its own', () => {
    const code = fc.constantFrom(...(Object.keys(ERRORS) as ErrorCode[]));
    fc.assert(
      fc.property(code, hostileText, hostileText, (each, text, field) => {
        const at = { field, text, start: 0, end: text.length };
        expect(terminalEffects(errorText(errorValue(each, text, { at, hint: text })))).toEqual([]);
        expect(
          errorText(errorValue(each, text, { hint: text }))
            .trimEnd()
            .split('\n').length,
        ).toBeLessThanOrEqual(2);
      }),
      { numRuns: 300 },
    );
  });

  it('gets nothing to obey from the refusal of a file, wherever the file turns hostile', async () => {
    for (const part of HOSTILE) {
      for (const text of [part, `<nmaprun><${part}>`, `<nmaprun></${part}`, `<a${part} b="${part}">`, `[${part}`]) {
        const read = await readText(text, part);
        const errors = read.ok ? [] : read.errors;
        expect(terminalEffects(errors.map((each) => errorText(each)).join(''))).toEqual([]);
      }
    }
  });

  it('gets nothing to obey from the import of a file, in its words and in the list of scans', async () => {
    const text = HOSTILE.join('');
    const written = text.replace(/[&<>"'\u0000-\u001f]/g, (sign) => `&#${sign.charCodeAt(0) || 1};`);
    const host = (address: string) =>
      `<host><status state="up" reason="${written}"/><address addr="${address}" addrtype="ipv4"/><hostnames><hostname name="${written}"/></hostnames><ports><port protocol="tcp" portid="1"><state state="${written}" reason="${written}"/></port><port protocol="${written}" portid="2"><state state="open"/></port><port protocol="tcp" portid="3"><state state="open" reason="${written}"/><service name="${written}" banner="${written}"/></port></ports></host>`;
    const xml = `<nmaprun scanner="${written}" version="${written}" args="${written}"><scaninfo protocol="tcp" services="${written}"/><target specification="${written}" status="skipped" reason="${written}"/>${host(written)}${host('192.0.2.1')}<runstats><finished time="1700000009" exit="error" errormsg="${written}"/></runstats></nmaprun>`;
    const directory = tempDir();
    let printed = '';
    const print = outputChannel(
      {
        write(each: string) {
          printed += each;
          return true;
        },
        on: () => {},
        once: () => {},
        off: () => {},
      },
      {},
    );
    const run = (words: readonly string[], stdin: string) =>
      runProgram({
        stdin: () => Readable.from([stdin]),
        stdout: print,
        stderr: print,
        env: { PORTFLEET_DATA_DIR: join(directory, 'data') },
        platform: process.platform,
        home: directory,
        words,
        settingWords: [],
        origins: new Map(),
        directory,
        workerModule: 'no worker is needed',
        version: '0.1.0',
      });
    expect(await run(['import', '-'], xml)).toBe(4);
    expect(printed).toContain('Imported as scan');
    expect(await run(['show', '@1'], '')).toBe(0);
    expect(await run(['list'], '')).toBe(0);
    expect(terminalEffects(printed)).toEqual([]);
  });
});
