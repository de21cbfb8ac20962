/** The attributes of a tag, their entities read. */
export type Attributes = ReadonlyMap<string, string>;

const NAME = '[A-Za-z_:][\\w:.-]*';
const TAG = new RegExp(`^<(/?)(${NAME})(?=[\\s/>])`);
const ATTRIBUTE = new RegExp(`\\s+(${NAME})\\s*=\\s*("[^"<]*"|'[^'<]*')`, 'y');

export type Tag =
  | { readonly kind: 'open'; readonly name: string; readonly attributes: Attributes; readonly empty: boolean }
  | { readonly kind: 'close'; readonly name: string };

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
const attributeValue = (raw: string): string =>
  raw
    .replace(/\r\n?|[\n\t]/g, ' ')
    .replace(/&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(lt|gt|amp|quot|apos));/g, entityValue);

const NAMED = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" } as const;

function entityValue(_: string, decimal?: string, hexadecimal?: string, name?: keyof typeof NAMED): string {
  if (name !== undefined) return NAMED[name];
  const code = decimal === undefined ? Number.parseInt(hexadecimal ?? '', 16) : Number(decimal);
  return code > 0 && code <= 0x10_ff_ff ? String.fromCodePoint(code) : '\ufffd';
}
