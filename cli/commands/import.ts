import type { LocalNode } from '../../local/local-node.ts';
import { printable } from '../../shared/report/formats/printable.ts';
import { type ImportedScan, refuseEmpty } from '../../shared/report/import/import-scan.ts';
import { importedInto } from '../../shared/usecases/store-imported.ts';
import { type CliContext, EXIT, type ExitCode } from '../context.ts';
import { withLocalNode } from '../local-deployment.ts';
import type { CommandOptions } from '../options/command-table.ts';
import { refuse } from '../output/error-text.ts';
import { openScanFile } from '../scan-file.ts';

/** `portfleet import`: the file of another scanner, or our own JSON, becomes a stored scan, for show, list and diff. */
export async function importFile(path: string, options: CommandOptions<'import'>, ctx: CliContext): Promise<ExitCode> {
  const file = await openScanFile(path, ctx.stdin);
  try {
    const { imported } = file;
    const refused = imported.ok ? refuseEmpty(imported.value, path) : imported;
    if (!imported.ok || !refused.ok) return refuse(refused.ok ? [] : refused.errors, ctx);
    return await withLocalNode(options, ctx, (node) => store(imported.value, node, ctx));
  } finally {
    file.close();
  }
}

async function store(
  { scan, hasLosses, chunks }: ImportedScan,
  node: LocalNode,
  { stdout, stderr }: CliContext,
): Promise<ExitCode> {
  if (!(await importedInto(node.store, scan, chunks()))) {
    await stdout.write(`Scan ${scan.id} is here already. See it with: portfleet show ${scan.id}\n`);
    return EXIT.done;
  }
  node.refuseGone();
  const { incomplete, notes = [] } = scan.imported ?? {};
  if (incomplete !== undefined) await stderr.write(`portfleet: not complete: ${printable(incomplete)}\n`);
  for (const note of notes) await stderr.write(`portfleet: ${printable(note)}\n`);
  await stdout.write(`Imported as scan ${scan.id}. See it with: portfleet show ${scan.id}\n`);
  if (!hasLosses) return EXIT.done;
  if (incomplete === undefined)
    await stderr.write('portfleet: the scan does not hold all that the file has; see above.\n');
  return EXIT.gaps;
}
