import { importedInto } from '../../shared/usecases/store-imported.ts';
import type { CliContext } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { readNmapFile } from '../nmap-file.ts';
import type { KeptOptions } from '../scan-options.ts';
import { refuse } from '../with-deployment.ts';
import { withLocalNode } from '../with-local-node.ts';

/** `portfleet import`: an nmap scan becomes one of ours, for show, list and diff. */
export async function importFile(path: string, options: KeptOptions, ctx: CliContext): Promise<ExitCode> {
  const imported = await readNmapFile(path);
  if (!imported.ok) return refuse(imported.errors, ctx);
  return withLocalNode(options, ctx, async ({ store }) => {
    const { scan } = imported.value;
    await importedInto(store, scan, imported.value.chunks());
    ctx.stdout.write(`Imported as scan ${scan.id}. See it with: portfleet show ${scan.id}\n`);
    return EXIT.done;
  });
}
