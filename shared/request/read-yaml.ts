import { type Document, parseDocument } from 'yaml';

/** A text in YAML, or JSON. Imported when there is one: a scan without must not wait for this, a third of its code. */
export function readYaml(text: string): Document {
  const document = parseDocument(text);
  // What is nested deeper than the stack of its reader is told in the runtime's words.
  for (const error of document.errors)
    if (error.message.startsWith('Maximum call stack')) error.message = 'It is nested too deeply';
  return document;
}
