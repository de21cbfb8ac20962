import { describe, expect, it } from 'vitest';
import { type FormatName, formatReport } from '../../../shared/report/formats/format.ts';
import { imported } from '../../helpers/import-file.ts';
import { finding, host, OPTIONS, report, tcp, whole } from '../../helpers/sample-report.ts';

describe('The names that DNS has for an address', () => {
  const of = (names: readonly string[], reverseNames: readonly string[]) =>
    report([host('10.0.0.1', { names, reverseNames, findings: [finding('10.0.0.1', 80)] })], tcp([80, 80]));
  const written = (format: FormatName, names: readonly string[], reverse: readonly string[]) =>
    whole(formatReport(format, of(names, reverse), OPTIONS));

  it('head a host that the user has not named, and are a line of one that he has, as nmap has it', async () => {
    expect(await written('text', [], ['a.test'])).toContain('scan report for a.test (10.0.0.1)\n');
    const named = await written('text', ['web.example'], ['a.test']);
    expect(named).toContain('scan report for web.example (10.0.0.1)\nrDNS record for 10.0.0.1: a.test\n');
    expect(await written('text', ['a.test'], ['a.test'])).not.toContain('rDNS');
  });

  it('stand in every format beside the names of the user, and never among the targets of a list', async () => {
    expect(await written('xml', ['web.example'], ['a.test'])).toContain(
      '<hostname name="web.example" type="user"/>\n<hostname name="a.test" type="PTR"/>\n',
    );
    expect(await written('greppable', [], ['a.test'])).toContain('Host: 10.0.0.1 (a.test)\t');
    expect(await written('json', [], ['a.test'])).toContain('"reverseNames":["a.test"]');
    expect(JSON.parse(await written('jsonl', [], ['a.test']))).toMatchObject({ reverse_names: ['a.test'] });
    expect(await written('csv', [], ['a.test', 'b.test'])).toMatch(/,a\.test b\.test\r\n$/);
    expect(await written('markdown', ['web.example'], ['a.test'])).toContain('rDNS record for 10.0.0.1: a.test');
    expect(await written('html', ['web.example'], ['a.test'])).toContain('rDNS record for 10.0.0.1: a.test');
    expect(await written('list', [], ['a.test'])).toBe('10.0.0.1:80\n');
  });

  it('come back from our own JSON', async () => {
    const json = await written('json', ['web.example'], ['a.test']);
    expect((await imported(json, 'old.json')).all).toMatchObject([{ facts: { reverseNames: ['a.test'] } }]);
  });
});
