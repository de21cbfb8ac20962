import { verdictCode } from '../domain/verdict.ts';
import { type ChunkRun, offsetsOf } from './chunk-run.ts';
import { report, wallAt } from './silent-targets.ts';

const CLOSED = verdictCode('closed/conn-refused');

/** Tells of targets that began to reset everything, with how many ports of this chunk were reset meanwhile. */
export function reportResets(run: ChunkRun): void {
  for (const target of run.targets) {
    const { span } = target.state.resets;
    if (!span) continue;
    const { from, to } = span;
    let ports = 0;
    for (const offset of offsetsOf(run, target)) {
      const sentAt = run.lastSentAt[offset] ?? 0;
      if (run.work.codes[offset] === CLOSED && sentAt > from && sentAt < (to ?? Number.POSITIVE_INFINITY)) ports += 1;
    }
    if (ports === 0) continue;
    const until = to === null ? null : wallAt(run, to);
    report(run, { kind: 'reset-everything', address: target.address, from: wallAt(run, from), until, ports });
  }
}
