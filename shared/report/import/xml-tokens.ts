/**
 * As much of XML as nmap writes, read piece by piece. No entity is expanded but the five of XML itself and character
 * numbers (others stay as they are written), and a document that declares its own is refused. The text of an
 * element that has no others in it comes with its end: nmap keeps all but the CPE in attributes.
 */
export type XmlToken =
  | OpenTag
  /** With the text right before it, its entities read, bounded. */
  | (CloseTag & { readonly text: string })
  | Instruction
  /** Nothing follows. `line` counts from 1. */
  | { readonly kind: 'broken'; readonly detail: string; readonly line: number };

/** One tag or comment, in characters: an nmap script's output may take megabytes, an attack would take more. */
const LONGEST_MARKUP = 16_777_216;

/** The text of an element that is kept; a CPE is far shorter. */
const LONGEST_TEXT = 1_000;

/** Takes the next piece of the document and gives the tokens that are complete with it. */
export type XmlTokenizer = (piece: string) => Generator<XmlToken, void, void>;

export function xmlTokenizer(longest = LONGEST_MARKUP): XmlTokenizer {
  let buffer = '';
  let progress = NOT_SEARCHED;
  let line = 1;
  let broken = false;
  let text = '';
  const keepText = (from: number, to: number): void => {
    if (to > from && text.length < LONGEST_TEXT) text += buffer.slice(from, Math.min(to, from + LONGEST_TEXT));
  };
  function* push(piece: string): Generator<XmlToken, void, void> {
    if (broken) return;
    buffer += piece;
    let at = 0;
    for (;;) {
      const markup = findMarkup(buffer, at, progress);
      progress = markup.kind === 'more' ? markup.progress : NOT_SEARCHED;
      if (markup.kind === 'more') break;
      line += countLines(buffer, at, markup.start);
      keepText(at, markup.start);
      const token = readMarkup(markup.kind, buffer.slice(markup.start, markup.end));
      if (typeof token === 'string') return yield* breakOff(token);
      line += countLines(buffer, markup.start, markup.end);
      at = markup.end;
      if (token?.kind === 'close') yield { ...token, text: entities(text) };
      else if (token) yield token;
      if (token) text = '';
    }
    if (!buffer.includes('<', at)) {
      line += countLines(buffer, at, buffer.length);
      keepText(at, buffer.length);
      at = buffer.length;
    }
    buffer = buffer.slice(at);
    if (buffer.length > longest) yield* breakOff(`a tag is longer than ${longest} characters`);
  }
  function* breakOff(detail: string): Generator<XmlToken, void, void> {
    broken = true;
    buffer = '';
    yield { kind: 'broken', detail, line };
  }
  return push;
}

/** The token, undefined for what is skipped, or as text what is wrong. */
function readMarkup(kind: MarkupKind, text: string): Tag | Instruction | string | undefined {
  switch (kind) {
    case 'comment':
    case 'cdata':
      return undefined;
    case 'declaration':
      return /^<!DOCTYPE[^[]*$/.test(text) ? undefined : 'the document declares elements or entities of its own';
    case 'instruction': {
      const [, target = '', rest = ''] = /^<\?(\S*)([\s\S]*)\?>$/.exec(text) ?? [];
      return { kind: 'instruction', target, text: rest };
    }
    case 'tag':
      return readTag(text) ?? `this is no tag: ${text.slice(0, 80)}`;
    default:
      return kind satisfies never;
  }
}

function countLines(text: string, from: number, to: number): number {
  let lines = 0;
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}

/** One piece of markup in a buffer, or how far the search for its end has come. */
export type Markup =
  | { readonly kind: MarkupKind; readonly start: number; readonly end: number }
  | { readonly kind: 'more'; readonly progress: TagSearch };

export type MarkupKind = 'comment' | 'cdata' | 'instruction' | 'declaration' | 'tag';

/** So that a huge tag that comes in small pieces is searched once, not once a piece. */
export interface TagSearch {
  /** Characters after the place the search began at that need not be looked at again. */
  readonly searched: number;
  /** The quote that is open there, inside a tag. */
  readonly quote: string;
}

export const NOT_SEARCHED: TagSearch = { searched: 0, quote: '' };

const KINDS = [
  ['<!--', '-->', 'comment'],
  ['<![CDATA[', ']]>', 'cdata'],
  ['<?', '?>', 'instruction'],
  ['<!', '>', 'declaration'],
  ['<', '>', 'tag'],
] as const satisfies readonly (readonly [string, string, MarkupKind])[];

/** With fewer characters, `<![CDA` could still become one kind or another. */
const LONGEST_OPENING = '<![CDATA['.length;

/** The next markup at or after `from`. `progress` is what the last search from the same place came to. */
export function findMarkup(buffer: string, from: number, progress: TagSearch): Markup {
  const start = buffer.indexOf('<', from);
  const isCut = start >= 0 && buffer.length - start < LONGEST_OPENING && !buffer.includes('>', start);
  const found = KINDS.find(([opening]) => start >= 0 && buffer.startsWith(opening, start));
  if (isCut || !found) return { kind: 'more', progress: NOT_SEARCHED };
  const [opening, closing, kind] = found;
  const resume = Math.max(start + opening.length, from + progress.searched);
  if (kind === 'tag') return findTagEnd(buffer, from, start, { searched: resume, quote: progress.quote });
  const last = buffer.indexOf(closing, resume);
  if (last >= 0) return { kind, start, end: last + closing.length };
  // The closing mark itself may be cut in two.
  return { kind: 'more', progress: { searched: Math.max(0, buffer.length - closing.length - from), quote: '' } };
}

/** A `>` between quotes does not end a tag. */
function findTagEnd(buffer: string, from: number, start: number, resume: TagSearch): Markup {
  let { searched: at, quote } = resume;
  for (; at < buffer.length; at++) {
    const character = buffer.charAt(at);
    if (quote !== '') {
      at = buffer.indexOf(quote, at);
      if (at < 0) break;
      quote = '';
    } else if (character === '"' || character === "'") quote = character;
    else if (character === '>') return { kind: 'tag', start, end: at + 1 };
  }
  return { kind: 'more', progress: { searched: buffer.length - from, quote } };
}

/** The attributes of a tag, their entities read. */
export type Attributes = ReadonlyMap<string, string>;

const NAME = '[A-Za-z_:][\\w:.-]*';
const TAG = new RegExp(`^<(/?)(${NAME})(?=[\\s/>])`);
const ATTRIBUTE = new RegExp(`\\s+(${NAME})\\s*=\\s*("[^"<]*"|'[^'<]*')`, 'y');

type OpenTag = {
  readonly kind: 'open';
  readonly name: string;
  readonly attributes: Attributes;
  readonly empty: boolean;
};
type CloseTag = { readonly kind: 'close'; readonly name: string };
export type Tag = OpenTag | CloseTag;
type Instruction = { readonly kind: 'instruction'; readonly target: string; readonly text: string };

/** The tag that `text` (from `<` to `>`) is, or undefined when it is none. */
export function readTag(text: string): Tag | undefined {
  const [head, slash, name] = TAG.exec(text) ?? [];
  if (head === undefined || name === undefined) return undefined;
  const inside = readAttributes(text, head.length);
  const rest = text.slice(inside?.end).trim();
  if (!inside || (rest !== '>' && rest !== '/>')) return undefined;
  const { attributes } = inside;
  if (slash === '') return { kind: 'open', name, attributes, empty: rest === '/>' };
  return attributes.size === 0 && rest === '>' ? { kind: 'close', name } : undefined;
}

/** Attributes from `from` on, and where they end; undefined when one comes twice. */
export function readAttributes(text: string, from: number): { attributes: Attributes; end: number } | undefined {
  const attributes = new Map<string, string>();
  let end = from;
  for (;;) {
    ATTRIBUTE.lastIndex = end;
    const [all, name, quoted] = ATTRIBUTE.exec(text) ?? [];
    if (all === undefined || name === undefined || quoted === undefined) return { attributes, end };
    if (attributes.has(name)) return undefined;
    attributes.set(name, attributeValue(quoted.slice(1, -1)));
    end += all.length;
  }
}

/** XML 1.0, section 3.3.3: line ends and tabs are spaces, unless they are written as character numbers. */
const attributeValue = (raw: string): string => entities(raw.replace(/\r\n?|[\n\t]/g, ' '));

const entities = (raw: string): string =>
  raw.replace(/&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(lt|gt|amp|quot|apos));/g, entityValue);

const NAMED = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" } as const;

function entityValue(_: string, decimal?: string, hexadecimal?: string, name?: keyof typeof NAMED): string {
  if (name !== undefined) return NAMED[name];
  const code = decimal === undefined ? Number.parseInt(hexadecimal ?? '', 16) : Number(decimal);
  return code > 0 && code <= 0x10_ff_ff ? String.fromCodePoint(code) : '\ufffd';
}
