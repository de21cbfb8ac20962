import { type Document, parseDocument } from 'yaml';

/** A text in YAML, or JSON. Imported when there is one: a scan without must not wait for this, a third of its code. */
export const readYaml = (text: string): Document => parseDocument(text);
