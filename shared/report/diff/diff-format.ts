import type { FormatOptions } from '../formats/sections.ts';
import { writeSections } from '../formats/sections.ts';
import type { HostDiff } from './diff-host.ts';
import { diffJsonSections } from './diff-json.ts';
import { diffMarkdownSections } from './diff-markdown.ts';
import type { Diff, MakeDiffSections } from './diff-scans.ts';
import { diffTextSections } from './diff-text.ts';

/** Every format a difference comes in, under the name that `--format` takes. */
export const DIFF_FORMATS = {
  text: { sections: diffTextSections, mediaType: 'text/plain; charset=utf-8' },
  json: { sections: diffJsonSections, mediaType: 'application/json' },
  markdown: { sections: diffMarkdownSections, mediaType: 'text/markdown; charset=utf-8' },
} as const satisfies Record<string, { sections: MakeDiffSections; mediaType: string }>;

export type DiffFormatName = keyof typeof DIFF_FORMATS;

export const isDiffFormatName = (name: string): name is DiffFormatName => Object.hasOwn(DIFF_FORMATS, name);

/** The difference in that format; `openOnly` does not matter here. Always closed, see `writeSections`. */
export const formatDiff = (name: DiffFormatName, diff: Diff, options: FormatOptions): AsyncGenerator<string> =>
  writeSections<HostDiff>(diff.items, DIFF_FORMATS[name].sections(diff, options), options.signal);
