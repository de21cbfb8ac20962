import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { openScanFile } from '../../../cli/scan-file.ts';
import { compareAddresses } from '../../../shared/domain/addresses/address-line.ts';
import { formatDiff } from '../../../shared/report/diff/diff-format.ts';
import { type DiffSide, diffScans, watchDifferences } from '../../../shared/report/diff/diff-scans.ts';
import { OPTIONS, whole } from '../../helpers/sample-report.ts';

async function sideOf(name: string): Promise<DiffSide> {
  const path = new URL(`../../fixtures/diff/${name}.xml`, import.meta.url).pathname;
  const { imported } = await openScanFile(path, () => Readable.from([]));
  if (!imported.ok) throw new Error(imported.errors.map(({ detail }) => detail).join());
  return { label: name, scan: imported.value.scan, hosts: imported.value.hosts() };
}

async function compare(before: string, after: string) {
  const diff = diffScans(await sideOf(before), await sideOf(after), compareAddresses);
  const watched = watchDifferences(diff.items);
  const text = await whole(formatDiff('text', { ...diff, items: watched.items }, OPTIONS));
  return { text, verdict: watched.verdict() };
}

describe('files of other scanners in which something changed', () => {
  it.each([
    ['sv-before', 'sv-product', '~ 1/tcp other product:  open http nginx 1.0 → open http Apache httpd 2.4\n'],
    ['mixed-before', 'mixed-after', '+ 3/tcp newly open:     closed|filtered (not-listed) → open unavailable\n'],
    ['net-before', 'net-after', '+ 5/tcp open, and not known before: open unavailable\n'],
    ['net-after', 'net-before', '- 5/tcp was open, and is not in the later scan: open unavailable\n'],
    ['netv-before', 'netv-after', '  The host began to answer.\n+ 5/tcp open, and not known before'],
    ['netv-after', 'netv-before', '  The host ceased to answer.\n'],
    ['masscan-before', 'masscan-after', '+ 443/tcp open, and not known before: open unavailable\n'],
    ['masscan-after', 'masscan-before', '- 443/tcp was open, and is not in the later scan: open unavailable\n'],
  ])('%s to %s is told', async (before, after, line) => {
    const { text, verdict } = await compare(before, after);
    expect(verdict).toBe('different');
    expect(text).toContain(line);
  });

  it('are the same as themselves', async () => {
    for (const name of ['sv-before', 'mixed-before', 'net-after', 'netv-before', 'masscan-after']) {
      expect(await compare(name, name)).toMatchObject({ verdict: 'same', text: expect.stringContaining('Nothing is') });
    }
  });

  it('say nothing of a host whose folded ports do not show that it was up, when its status does', async () => {
    const { text } = await compare('mixed-before', 'mixed-after');
    expect(text).not.toContain('began to answer');
  });
});
