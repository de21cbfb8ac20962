import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { compiled } from './lab/compile.ts';
import type { Command } from './scanners/scanner.ts';

/** What a command cost, with all the processes it started. */
export interface Cost {
  readonly ms: number;
  readonly cpuMs: number;
  readonly peakKb: number;
  readonly status: number;
  /** It was ended because it took longer than allowed. */
  readonly stopped: boolean;
}

export interface Measured {
  readonly cost: Cost;
  readonly output: string;
  /** The end of what it wrote to standard error, for the case that it failed. */
  readonly complaint: string;
}

/** Runs a command with a folder of its own, and takes the folder away. Ended after `limitMs`. */
export async function measure(
  prefix: readonly string[],
  command: (scratch: string) => Command,
  limitMs: number,
): Promise<Measured> {
  const program = await compiled(new URL('measure.c', import.meta.url));
  const folder = mkdtempSync(`${tmpdir()}/portfleet-bench-`);
  try {
    const { argv, env } = command(mkdtempSync(`${folder}/scratch-`));
    const report = `${folder}/cost.json`;
    const spoken = await run(program, [String(limitMs), report, ...prefix, ...argv], { ...process.env, ...env });
    return { ...spoken, cost: readCost(report) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readCost(report: string): Cost {
  const cost = JSON.parse(readFileSync(report, 'utf8')) as Record<string, number> & { stopped: boolean };
  const { ms = 0, cpu_ms: cpuMs = 0, peak_kb: peakKb = 0, status = -1, stopped } = cost;
  return { ms, cpuMs, peakKb, status, stopped };
}

const COMPLAINT_LENGTH = 400;

function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Omit<Measured, 'cost'>> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
  const chunks: Buffer[] = [];
  let complaint = '';
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-COMPLAINT_LENGTH);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve({ output: Buffer.concat(chunks).toString('utf8'), complaint: complaint.trim() }));
  });
}
