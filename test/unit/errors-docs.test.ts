import { describe, expect, it } from 'vitest';
import { ERRORS, fault } from '../../shared/domain/errors.ts';
import { expectInDocs } from '../helpers/docs.ts';

describe('the table of errors', () => {
  it('stands in docs/errors.md, row by row', () => {
    const rows = Object.entries(ERRORS).map(
      ([code, { status, title, mend }]) => `| \`${code}\` | ${status} | ${title} | ${mend.replaceAll('|', '\\|')} |`,
    );
    expectInDocs(
      'docs/errors.md',
      'errors',
      ['| code | status | what | mend |', '|---|---|---|---|', ...rows].join('\n'),
    );
  });

  it('says in whole sentences what is wrong and what mends it', () => {
    for (const { title, mend } of Object.values(ERRORS)) {
      expect(title).toMatch(/^[A-Z].*\.$/);
      expect(mend).toMatch(/^[A-Z].*[.)"]$/);
    }
  });

  it('gives its general mend to a fault that knows none better', () => {
    expect(fault('SCAN_NOT_FOUND', 'No scan.').mend).toBe(ERRORS.SCAN_NOT_FOUND.mend);
    expect(fault('SCAN_NOT_FOUND', 'No scan.', { mend: 'Look again.' }).mend).toBe('Look again.');
  });
});
