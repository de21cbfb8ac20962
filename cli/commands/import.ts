import { createReadStream } from 'node:fs';
import { ulid } from 'ulid';
import { errorValue } from '../../shared/domain/errors.ts';
import { err, type Result } from '../../shared/domain/result.ts';
import type { ScanId } from '../../shared/domain/units.ts';
import { type ImportedScan, importScan } from '../../shared/report/import/import-scan.ts';
import { readNmapXml } from '../../shared/report/import/read-nmap-xml.ts';
import { importedInto } from '../../shared/usecases/store-imported.ts';
import { type CliContext, EXIT, type ExitCode } from '../context.ts';
import { withLocalNode } from '../local-deployment.ts';
import type { CommandOptions } from '../options/command-table.ts';
import { refuse } from '../output/error-text.ts';

/** `portfleet import`: an nmap scan becomes one of ours, for show, list and diff. */
export async function importFile(path: string, options: CommandOptions<'import'>, ctx: CliContext): Promise<ExitCode> {
  const imported = await readNmapFile(path, ctx);
  if (!imported.ok) return refuse(imported.errors, ctx);
  return withLocalNode(options, ctx, async ({ store }) => {
    const { scan } = imported.value;
    await importedInto(store, scan, imported.value.chunks());
    await ctx.stdout.write(`Imported as scan ${scan.id}. See it with: portfleet show ${scan.id}\n`);
    return EXIT.done;
  });
}

/** The scan that a file of nmap's XML tells of; "-" is standard input. */
export async function readNmapFile(path: string, { stdin }: CliContext): Promise<Result<ImportedScan>> {
  const name = path === '-' ? 'standard input' : path;
  try {
    const text = path === '-' ? stdin.setEncoding('utf8') : createReadStream(path, { encoding: 'utf8' });
    const run = await readNmapXml(text, name);
    return run.ok ? importScan(run.value, ulid() as ScanId, name) : run;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const hint = "Give the path of a file that nmap wrote with -oX, or another tool in nmap's XML.";
    return err(errorValue('NMAP_XML_UNREADABLE', `${name} cannot be read: ${why}.`, { hint }));
  }
}
