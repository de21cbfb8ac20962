import type { ErrorValue } from '../../shared/domain/errors.ts';
import type { HostReport } from '../../shared/domain/report.ts';
import type { Result } from '../../shared/domain/result.ts';
import type { ScanId } from '../../shared/domain/units.ts';
import { type ImportedScan, refuseEmpty } from '../../shared/report/import/import-scan.ts';
import { readScanFile } from '../../shared/report/import/read-scan-file.ts';

export const IMPORT_ID = '01KAB3X5J2V6Q0M8N4T7R9W1YZ' as ScanId;

/** What the file with that text tells, as it would be imported. */
export const readText = (text: string, name = 'old.xml', size = text.length): Promise<Result<ImportedScan>> =>
  readScanFile({ name, open: () => inPieces(text, size) }, IMPORT_ID);

export async function* inPieces(text: string, size: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += Math.max(1, size)) yield text.slice(at, at + Math.max(1, size));
}

export async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
}

export interface Imported extends ImportedScan {
  readonly all: readonly HostReport[];
  readonly notes: readonly string[];
}

/** The import of a sound file; throws where it is refused. */
export async function imported(text: string, name?: string, size?: number): Promise<Imported> {
  const read = await readText(text, name, size);
  if (!read.ok) throw new Error(read.errors.map(({ detail }) => detail).join('; '));
  const { incomplete, notes = [] } = read.value.scan.imported ?? {};
  const said = incomplete === undefined ? notes : [incomplete, ...notes];
  return { ...read.value, all: await all(read.value.hosts()), notes: said };
}

/** Why the command would not import it. */
export async function refusal(text: string): Promise<string> {
  const read = await readText(text);
  const refused = read.ok ? refuseEmpty(read.value, 'old.xml') : read;
  if (refused.ok) throw new Error('it was read');
  return refused.errors.map(({ code, detail }: ErrorValue) => `${code} ${detail}`).join('; ');
}
