import { CST, type Document, Lexer, type ParsedNode, parseDocument, YAMLParseError } from 'yaml';

/**
 * The levels of a document that is read: the deepest of ours, a watch's expectations, has seven. The package's reader
 * calls itself for every level, and from some 800 on its stack is full; a pattern that V8 compiles at that moment ends
 * the whole process, which no `catch` sees. So depth is measured before the reader begins.
 */
const MOST_LEVELS = 64;

const TOO_DEEP = 'It is nested too deeply';

/**
 * A text in YAML, or JSON. What is wrong with it stands in the document's `errors`, as the package says it. Imported
 * when there is one: a scan without must not wait for this, a third of its code.
 */
export function readYaml(text: string, options: { readonly prettyErrors?: boolean } = {}): Document.Parsed<ParsedNode> {
  const deep = firstTooDeep(text);
  if (deep === undefined) return parseDocument(text, options);
  const refused = parseDocument('', options);
  refused.errors.push(new YAMLParseError([deep, deep + 1], 'IMPOSSIBLE', TOO_DEEP));
  return refused;
}

/**
 * Where the text is nested deeper than we read, if it is. The lexer's tokens tell it without a stack: a level is a
 * bracket that is open, or outside of brackets an indentation deeper than those it stands in, or a "-" or "?" in a line.
 */
function firstTooDeep(text: string): number | undefined {
  const indentations: number[] = [];
  let [at, lineStart, brackets, indicators] = [0, 0, 0, 0];
  let [lineIsEmpty, isScalar] = [true, false];
  for (const token of new Lexer().lex(text)) {
    // The lexer says what comes, a scalar or a document, by a token of its own that is no part of the text.
    if (token === CST.SCALAR) isScalar = true;
    if (token === CST.SCALAR || token === CST.DOCUMENT || token === CST.FLOW_END) continue;
    const type = isScalar ? 'scalar' : CST.tokenType(token);
    isScalar = false;
    if (type === 'newline' || token.endsWith('\n')) {
      [lineStart, indicators, lineIsEmpty] = [at + token.length, 0, true];
    } else if (type !== 'space' && type !== 'comment') {
      if (lineIsEmpty && brackets === 0) {
        while ((indentations.at(-1) ?? -1) >= at - lineStart) indentations.pop();
        indentations.push(at - lineStart);
      }
      lineIsEmpty = false;
      if (type === 'flow-seq-start' || type === 'flow-map-start') brackets += 1;
      if (type === 'flow-seq-end' || type === 'flow-map-end') brackets = Math.max(0, brackets - 1);
      if (type === 'seq-item-ind' || type === 'explicit-key-ind') indicators += 1;
      if (indentations.length + indicators + brackets > MOST_LEVELS) return at;
    }
    at += token.length;
  }
  return undefined;
}
