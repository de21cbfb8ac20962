import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MB_PER_CPU } from '../../sim/aws-figures.ts';

const GROUPS = '/sys/fs/cgroup';
const isUnified = existsSync(join(GROUPS, 'cgroup.controllers'));

/** Lambda's scheduler gives a function its share of a CPU in turns of some 20 ms. */
const PERIOD = 20_000;

/** The memory that so many MB are, and, once it is told to, the share of a CPU that they buy. */
export interface ControlGroup {
  /** The files that a process writes its id to, to join. */
  readonly joinedBy: readonly string[];
  /** While it starts, a function has more of a CPU than it pays for; from its first event on only its share. */
  holdToShare(): void;
  remove(): void;
}

export function makeControlGroup(mb: number): ControlGroup {
  const name = `portfleet-bench-${process.pid}-${mb}`;
  const folders = isUnified ? [join(GROUPS, name)] : ['cpu', 'memory'].map((kind) => join(GROUPS, kind, name));
  for (const folder of folders) mkdirSync(folder);
  const [cpu = '', memory = cpu] = folders;
  const quota = Math.round((mb / MB_PER_CPU) * PERIOD);
  writeFileSync(join(memory, isUnified ? 'memory.max' : 'memory.limit_in_bytes'), `${mb * 2 ** 20}`);
  if (!isUnified) writeFileSync(join(cpu, 'cpu.cfs_period_us'), `${PERIOD}`);
  return {
    joinedBy: folders.map((folder) => join(folder, 'cgroup.procs')),
    holdToShare() {
      if (isUnified) writeFileSync(join(cpu, 'cpu.max'), `${quota} ${PERIOD}`);
      else writeFileSync(join(cpu, 'cpu.cfs_quota_us'), `${quota}`);
    },
    remove: () => {
      for (const folder of folders) rmdirSync(folder);
    },
  };
}
