// What cdk.json runs: bundles the functions, then the app, and lets it write its template into cdk.out.
import { build } from 'esbuild';
import { buildLambdas } from './build-lambdas.mjs';

await buildLambdas();
await build({
  entryPoints: [process.argv[2] ?? 'cdk/app.ts'],
  outfile: 'dist/cdk/app.mjs',
  bundle: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  logLevel: 'warning',
});
await import('../dist/cdk/app.mjs');
