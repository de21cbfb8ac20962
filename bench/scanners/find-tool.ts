import { homedir } from 'node:os';
import { onPath } from '../lab/lab-missing.ts';

/** Where bench/setup puts what it builds. */
export const TOOLS = `${process.env['XDG_CACHE_HOME'] ?? `${homedir()}/.cache`}/portfleet-bench/bin`;

/** A scanner's program: one that bench/setup built, or one on the PATH. */
export const findTool = (name: string): string | undefined => onPath(name, `${TOOLS}:${process.env['PATH']}`);
