import { findMarkup, type MarkupKind, NOT_SEARCHED } from './find-markup.ts';
import { readTag, type Tag } from './xml-tag.ts';

/**
 * As much of XML as nmap writes, read piece by piece. No entity is expanded but the five of XML itself and character
 * numbers (others stay as they are written), and a document that declares its own is refused. Text between the tags
 * is not told: nmap keeps everything in attributes.
 */
export type XmlToken =
  | Tag
  | { readonly kind: 'instruction'; readonly target: string; readonly text: string }
  /** Nothing follows. `line` counts from 1. */
  | { readonly kind: 'broken'; readonly detail: string; readonly line: number };

/** One tag or comment, in characters: an nmap script's output may take megabytes, an attack would take more. */
const LONGEST_MARKUP = 16_777_216;

/** Takes the next piece of the document and gives the tokens that are complete with it. */
export type XmlTokenizer = (piece: string) => Generator<XmlToken, void, void>;

export function xmlTokenizer(longest = LONGEST_MARKUP): XmlTokenizer {
  let buffer = '';
  let progress = NOT_SEARCHED;
  let line = 1;
  let broken = false;
  function* push(piece: string): Generator<XmlToken, void, void> {
    if (broken) return;
    buffer += piece;
    let at = 0;
    for (;;) {
      const markup = findMarkup(buffer, at, progress);
      progress = markup.kind === 'more' ? markup.progress : NOT_SEARCHED;
      if (markup.kind === 'more') break;
      line += countLines(buffer, at, markup.start);
      const token = readMarkup(markup.kind, buffer.slice(markup.start, markup.end));
      if (typeof token === 'string') return yield* breakOff(token);
      line += countLines(buffer, markup.start, markup.end);
      at = markup.end;
      if (token) yield token;
    }
    if (!buffer.includes('<', at)) {
      line += countLines(buffer, at, buffer.length);
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
function readMarkup(kind: MarkupKind, text: string): XmlToken | string | undefined {
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
