import { compiled } from '../lab/compile.ts';
import { kernelBaseline } from './kernel-baseline.ts';
import { MASSCANS } from './masscan.ts';
import { NAABUS } from './naabu.ts';
import { nmap } from './nmap.ts';
import { portfleet, portfleetDiscovering } from './portfleet.ts';
import { RUSTSCANS } from './rustscan.ts';
import type { Scanner } from './scanner.ts';

/** Every scanner, in the order of the table. */
export async function allScanners(): Promise<readonly Scanner[]> {
  const program = await compiled(new URL('../kernel-baseline.c', import.meta.url));
  return [portfleet, portfleetDiscovering, nmap, ...RUSTSCANS, ...NAABUS, ...MASSCANS, kernelBaseline(program)];
}
