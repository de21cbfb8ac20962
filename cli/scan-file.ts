import { closeSync, createReadStream, createWriteStream, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { ulid } from 'ulid';
import { errorValue } from '../shared/domain/errors.ts';
import { err, type Result } from '../shared/domain/result.ts';
import type { ScanId } from '../shared/domain/units.ts';
import { decodeText } from '../shared/report/import/decode-text.ts';
import type { ImportedScan } from '../shared/report/import/import-scan.ts';
import { readScanFile } from '../shared/report/import/read-scan-file.ts';

/** A scan id has no dot and no slash; the file of another scanner nearly always has one. */
export const isScanFile = (words: string): boolean => words === '-' || /[./\\]/.test(words);

/** A file that was opened, and can be read until it is closed. */
export interface OpenScanFile {
  readonly imported: Result<ImportedScan>;
  close(): void;
}

/**
 * The scan that a file tells of. `-` is standard input, which goes to a file of its own first, because an import reads its
 * file more than once. Errors: NMAP_XML_UNREADABLE.
 */
export async function openScanFile(path: string, stdin: () => Readable): Promise<OpenScanFile> {
  if (path !== '-') return { imported: await scanOfFile(path, path), close: () => undefined };
  const folder = mkdtempSync(join(tmpdir(), 'portfleet-'));
  const close = (): void => rmSync(folder, { recursive: true });
  try {
    const copy = join(folder, 'standard-input');
    await pipeline(stdin(), createWriteStream(copy, { mode: 0o600 }));
    return { imported: await scanOfFile(copy, 'standard input'), close };
  } catch (error) {
    close();
    throw error;
  }
}

async function scanOfFile(path: string, name: string): Promise<Result<ImportedScan>> {
  try {
    const compression = compressionOf(path);
    if (compression !== undefined && compression !== 'gzip') {
      const hint = `Unpack it first; only gzip is read as it is.`;
      return err(errorValue('NMAP_XML_UNREADABLE', `${name} is compressed with ${compression}.`, { hint }));
    }
    return await readScanFile({ name, open: () => decodeText(bytesOf(path, compression), name) }, ulid() as ScanId);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const hint = 'Give the path of a file that nmap wrote with -oX, or another of the formats of docs/formats.md.';
    return err(errorValue('NMAP_XML_UNREADABLE', `${name} cannot be read: ${why}.`, { hint }));
  }
}

/** How compressed files begin. */
const MAGIC = {
  gzip: [0x1f, 0x8b],
  bzip2: [0x42, 0x5a, 0x68],
  xz: [0xfd, 0x37, 0x7a, 0x58, 0x5a],
  zstd: [0x28, 0xb5, 0x2f, 0xfd],
  zip: [0x50, 0x4b, 0x03, 0x04],
} as const;

type Compression = keyof typeof MAGIC;

function compressionOf(path: string): Compression | undefined {
  const head = new Uint8Array(5);
  const file = openSync(path, 'r');
  try {
    readSync(file, head);
  } finally {
    closeSync(file);
  }
  return (Object.keys(MAGIC) as Compression[]).find((each) => MAGIC[each].every((byte, at) => head[at] === byte));
}

/** A gzip file that was cut off ends where it was cut; the reader of the document sees that it is not whole. */
async function* bytesOf(path: string, compression: 'gzip' | undefined): AsyncGenerator<Uint8Array, void, void> {
  const file = createReadStream(path);
  if (compression === undefined) {
    yield* file;
    return;
  }
  const unpacked = createGunzip();
  file.on('error', (error) => unpacked.destroy(error)).pipe(unpacked);
  try {
    yield* unpacked;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'Z_BUF_ERROR')) throw error;
  }
}
