// What cdk.json runs: bundles the functions, then the app, and lets it write its template into cdk.out.
import { build } from 'esbuild';
import { buildLambdas } from './build-lambdas.mjs';
import { FOR_NODE } from './for-node.mjs';

await buildLambdas();
await build({
  ...FOR_NODE,
  entryPoints: [process.argv[2] ?? 'cdk/app.ts'],
  outfile: 'dist/cdk/app.mjs',
  packages: 'external',
});
await import('../dist/cdk/app.mjs');
