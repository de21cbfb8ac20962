/** RFC 4180, strictly: CRLF between records, quotes only around whole fields. */
export function readCsv(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  let at = 0;
  while (at < text.length) {
    const quoted = /"((?:[^"]|"")*)"(,|\r\n)/y;
    const plain = /([^",\r\n]*)(,|\r\n)/y;
    const [all, field, end] = matchAt(quoted, text, at) ?? matchAt(plain, text, at) ?? [];
    if (all === undefined || field === undefined) throw new Error(`not RFC 4180 at ${at}: ${text.slice(at, at + 40)}`);
    record.push(text[at] === '"' ? field.replaceAll('""', '"') : field);
    at += all.length;
    if (end !== '\r\n') continue;
    records.push(record);
    record = [];
  }
  return records;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
