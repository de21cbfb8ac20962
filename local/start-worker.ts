import { fileURLToPath } from 'node:url';
import { loadBundle } from './load-bundle.ts';

/* What a worker process is forked with: nothing but the start of the rest. */

loadBundle(fileURLToPath(new URL('./worker-body.cjs', import.meta.url)));
