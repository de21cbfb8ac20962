import { describe, expect, it } from 'vitest';
import { ERRORS, errorValue } from '../../../shared/domain/errors.ts';
import { expectInDocs } from '../../helpers/docs.ts';

describe('the table of errors', () => {
  it('stands in docs/errors.md, row by row', () => {
    const rows = Object.entries(ERRORS).map(
      ([code, { status, title, hint }]) => `| \`${code}\` | ${status} | ${title} | ${hint.replaceAll('|', '\\|')} |`,
    );
    expectInDocs(
      'docs/errors.md',
      'errors',
      ['| code | status | what | hint |', '|---|---|---|---|', ...rows].join('\n'),
    );
  });

  it('says in whole sentences what is wrong and what mends it', () => {
    for (const { title, hint } of Object.values(ERRORS)) {
      expect(title).toMatch(/^[A-Z].*\.$/);
      expect(hint).toMatch(/^[A-Z].*[.)"]$/);
    }
  });

  it('gives its general hint to a error that knows none better', () => {
    expect(errorValue('SCAN_NOT_FOUND', 'No scan.').hint).toBe(ERRORS.SCAN_NOT_FOUND.hint);
    expect(errorValue('SCAN_NOT_FOUND', 'No scan.', { hint: 'Look again.' }).hint).toBe('Look again.');
  });
});
