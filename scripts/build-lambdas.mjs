/**
 * Bundles the functions of the AWS deployment, each in a folder of its own: node scripts/build-lambdas.mjs [folder].
 * cdk deploys these files, and the tests run the very same ones.
 */
import { existsSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { SHIPPED_IN_PARTS } from './for-node.mjs';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');

/** The folders of lambdas/ that are a function. */
export const FUNCTIONS = readdirSync(join(ROOT, 'lambdas')).filter((name) =>
  existsSync(join(ROOT, 'lambdas', name, 'index.ts')),
);

export async function buildLambdas(outdir = join(ROOT, 'dist/lambdas')) {
  await rm(outdir, { recursive: true, force: true });
  // One build a function, so that each folder has all its parts; what a function may not need is a part, loaded when it is.
  const bundle = (name) =>
    build({
      ...SHIPPED_IN_PARTS,
      absWorkingDir: ROOT,
      entryPoints: [{ in: `lambdas/${name}/index.ts`, out: 'index' }],
      outdir: join(outdir, name),
      // The runtime that the stack asks for.
      target: 'node24',
      alias: { '@aws-sdk/credential-provider-node': './lambdas/aws/lambda-credentials.ts' },
    });
  await Promise.all(FUNCTIONS.map(bundle));
  return outdir;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildLambdas(process.argv[2]);
