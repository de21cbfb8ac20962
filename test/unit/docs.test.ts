import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDERS = ['docs', 'shared', 'lambdas', 'local', 'cli', 'web', 'cdk', 'sim', 'bench', 'test'];

/** Every page in Markdown, by its path. */
const pages: ReadonlyMap<string, string> = new Map(
  [
    ...readdirSync(ROOT),
    ...FOLDERS.filter((folder) => existsSync(join(ROOT, folder))).flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
    ),
  ]
    .filter((path) => path.endsWith('.md'))
    .map((path) => [path, readFileSync(join(ROOT, path), 'utf8')]),
);

interface Link {
  readonly from: string;
  readonly to: string;
  readonly heading: string | undefined;
}

/** Links to files of ours, outside of code. */
function linksOf(from: string, text: string): Link[] {
  const prose = text.replace(/```[\s\S]*?```/g, '').replace(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].map(([, path = '', heading]) => ({
    from,
    to: path === '' ? from : relative(ROOT, resolve(ROOT, dirname(from), path)),
    heading,
  }));
}

const links = [...pages].flatMap(([from, text]) => linksOf(from, text));

/** The anchors that GitHub gives a page's headings. */
const anchorsOf = (page: string): string[] =>
  [...(pages.get(page) ?? '').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  );

describe('The documentation', () => {
  it('is reached from docs/README.md, page by page', () => {
    const reached = new Set(links.filter(({ from }) => from === 'docs/README.md').map(({ to }) => to));
    const unreached = [...pages.keys()].filter((page) => page.startsWith('docs/') && page !== 'docs/README.md');
    expect(unreached.filter((page) => !reached.has(page))).toEqual([]);
  });

  it('links to files and headings that are there', () => {
    expect(links.length).toBeGreaterThan(50);
    const broken = links.filter(
      ({ to, heading }) =>
        !existsSync(join(ROOT, to)) || (heading !== undefined && !anchorsOf(to).includes(decodeURIComponent(heading))),
    );
    expect(broken).toEqual([]);
  });
});
