import { printable } from './printable.ts';

/**
 * Text inside a line of Markdown (CommonMark and GitHub's additions): signs that would be marks get a backslash, and
 * those that GitHub makes links of (`@somebody`, `#1`, `http://`, `www.`) or that end a cell become character numbers.
 */
export const markdownText = (text: string): string =>
  printable(text).replace(/[\\`*_{}[\]~$]|[@#<>&|]|:(?=\/\/)|(?<=www)\./gi, (sign) =>
    /[@#:<>&|.]/.test(sign) ? `&#${sign.charCodeAt(0)};` : `\\${sign}`,
  );

/** A row of a table; the cells are Markdown already. */
export const markdownRow = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;

/** The first two lines of a table. */
export const markdownHead = (titles: readonly string[]): string =>
  `${markdownRow(titles)}${markdownRow(titles.map(() => '---'))}`;
