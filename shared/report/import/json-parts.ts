import { errorValue, PortfleetError } from '../../domain/errors.ts';

/** An object of a JSON document, with the key that it stands under, or that its list stands under. */
export interface JsonPart {
  readonly key: string | null;
  readonly text: string;
}

/**
 * Cuts a JSON document into its objects, so that it is never held whole: `[{…},{…}]` and `{…}\n{…}` into each object, and
 * with `members` one outer object `{"scan":{…},"hosts":[{…},{…}]}` into the objects inside. All else is skipped.
 *
 *   outside ──{──▶ in an object (`depth` brackets deep) ──its last }──▶ outside
 *      │ [, and the outer { of `members`: one level more       │ a bracket in a string is none
 *
 * An object that does not end throws NMAP_XML_UNREADABLE.
 */
export interface JsonSplitter {
  push(piece: string): Generator<JsonPart, void, void>;
  /** No object is open, and every bracket around the objects is closed. */
  isWhole(): boolean;
}

/** A host of ours with a finding for each of its ports, TCP and UDP, takes some 60 million. */
const LONGEST_PART = 2 ** 27;

export function jsonSplitter(kind: 'objects' | 'members', longest = LONGEST_PART): JsonSplitter {
  const state = { depth: 0, levels: 0, quote: newQuote(), part: '', key: null as string | null };
  function* push(piece: string): Generator<JsonPart, void, void> {
    let from = 0;
    for (let at = 0; at < piece.length; at++) {
      const step = stepOf(piece, at);
      if (step === 'begin') from = at;
      if (step !== 'end') continue;
      yield { key: state.key, text: state.part + piece.slice(from, at + 1) };
      state.part = '';
    }
    if (state.depth > 0) state.part += piece.slice(from);
    if (state.part.length > longest) {
      const detail = `An object of the file is longer than ${longest} characters.`;
      throw new PortfleetError([errorValue('NMAP_XML_UNREADABLE', detail)]);
    }
  }
  function stepOf(piece: string, at: number): 'begin' | 'end' | undefined {
    const character = piece.charAt(at);
    const { quote } = state;
    if (quote.open || character === '"') {
      takeQuoted(quote, character);
      if (!quote.open && state.depth === 0) state.key = quote.text;
      return undefined;
    }
    if (character === '{' || character === '[') return open(character);
    return character === '}' || character === ']' ? close() : undefined;
  }
  function open(bracket: '{' | '['): 'begin' | undefined {
    const isPart = bracket === '{' && (kind === 'objects' || state.levels > 0);
    if (state.depth === 0 && !isPart) state.levels++;
    else state.depth++;
    return state.depth === 1 && isPart ? 'begin' : undefined;
  }
  function close(): 'end' | undefined {
    if (state.depth === 0) state.levels--;
    else if (--state.depth === 0) return 'end';
    return undefined;
  }
  return { push, isWhole: () => state.depth === 0 && state.levels === 0 && !state.quote.open };
}

/** A string of the document. Keys are short; of a longer text only the beginning is kept. */
interface Quote {
  open: boolean;
  escaped: boolean;
  text: string;
}

const newQuote = (): Quote => ({ open: false, escaped: false, text: '' });

const LONGEST_KEY = 64;

function takeQuoted(quote: Quote, character: string): void {
  if (!quote.open) [quote.open, quote.text] = [true, ''];
  else if (quote.escaped) quote.escaped = false;
  else if (character === '\\') quote.escaped = true;
  else if (character === '"') quote.open = false;
  else if (quote.text.length < LONGEST_KEY) quote.text += character;
}
