import { createReadStream } from 'node:fs';
import { ulid } from 'ulid';
import { errorValue } from '../shared/domain/errors.ts';
import { err, type Result } from '../shared/domain/result.ts';
import type { ScanId } from '../shared/domain/units.ts';
import { type ImportedScan, importScan } from '../shared/report/import/import-scan.ts';
import { readNmapXml } from '../shared/report/import/read-nmap-xml.ts';

/** A scan id has no dot and no slash; a file of nmap's XML nearly always has one. */
export const isNmapFile = (words: string): boolean => /[./\\]/.test(words);

/** The scan that a file of nmap's XML tells of. */
export async function readNmapFile(path: string): Promise<Result<ImportedScan>> {
  try {
    const run = await readNmapXml(createReadStream(path, { encoding: 'utf8' }), path);
    return run.ok ? importScan(run.value, ulid() as ScanId, path) : run;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const hint = "Give the path of a file that nmap wrote with -oX, or another tool in nmap's XML.";
    return err(errorValue('NMAP_XML_UNREADABLE', `${path} cannot be read: ${why}.`, { hint }));
  }
}
