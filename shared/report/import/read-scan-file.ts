import { errorValue, PortfleetError } from '../../domain/errors.ts';
import { err, type Result } from '../../domain/result.ts';
import type { ScanId } from '../../domain/units.ts';
import { type ImportedScan, layOutFile } from './import-scan.ts';
import { readMasscanJson, readPortLines } from './read-json.ts';
import { readMasscanList } from './read-list.ts';
import { readNmapXml } from './read-nmap-xml.ts';
import { readOwnJson } from './read-own-json.ts';
import type { ScanFile } from './scan-file.ts';
import type { ReadFile } from './survey.ts';

/** As much of a file as tells its format. */
const HEAD = 1_024;

/** Formats by how their files begin; the first that fits. */
const FORMATS: readonly (readonly [RegExp, ReadFile])[] = [
  [/^\{\s*"schemaVersion"/, readOwnJson],
  [/^\{/, readPortLines],
  [/^\[/, readMasscanJson],
  [/^(#masscan|(open|closed|banner) (tcp|udp|sctp) \d)/, readMasscanList],
];

/** Files that are no import, and what to give instead. */
const OTHERS: readonly (readonly [RegExp, string, string])[] = [
  [
    /^# Nmap .*scan initiated|^Host: /,
    "nmap's normal or greppable output (-oN, -oG)",
    'Give the XML of the same scan (-oX, or the .xml of -oA).',
  ],
  [
    /^(Starting Nmap|Nmap scan report)/,
    "nmap's normal output",
    'Give the XML of the same scan (-oX, or the .xml of -oA).',
  ],
  [/^host,ip,port,/, 'a CSV report', 'Give the JSON or the XML of the same scan.'],
];

/** The scan that a file tells of, in any of the formats that are read. Errors: NMAP_XML_UNREADABLE. */
export async function readScanFile(file: ScanFile, id: ScanId): Promise<Result<ImportedScan>> {
  try {
    const head = await headOf(file);
    const other = OTHERS.find(([beginning]) => beginning.test(head));
    if (other) {
      const [, what, hint] = other;
      return err(errorValue('NMAP_XML_UNREADABLE', `${file.name}: this is ${what}, which is not read`, { hint }));
    }
    const [, read = readNmapXml] = FORMATS.find(([beginning]) => beginning.test(head)) ?? [];
    return await layOutFile(file, id, read);
  } catch (error) {
    if (error instanceof PortfleetError) return err(...error.errors);
    throw error;
  }
}

async function headOf(file: ScanFile): Promise<string> {
  let head = '';
  for await (const piece of file.open()) {
    head = (head + piece).replace(/^[\ufeff\s]+/, '');
    if (head.length >= HEAD) break;
  }
  return head.slice(0, HEAD);
}
