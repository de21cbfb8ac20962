import { type Verdict, verdictCode } from '../domain/verdict.ts';
import { type ChunkRun, type ChunkTarget, offsetsOf } from './chunk-run.ts';

/** What a router, or our own system, says of a host that it cannot reach: of one that is away, it is part of the silence. */
const UNREACHABLE: ReadonlySet<number> = new Set(
  (['filtered/host-unreach', 'filtered/net-unreach'] as const satisfies Verdict[]).map(verdictCode),
);

/** Ports of which this run was told, when it had probed them after `since`, that they or their host cannot be reached. */
export const unreachable = (run: ChunkRun, target: ChunkTarget, since = 0): number[] =>
  [...offsetsOf(run, target)].filter(
    (offset) => UNREACHABLE.has(run.work.codes[offset] ?? 0) && (run.lastSentAt[offset] ?? 0) > since,
  );

/** The silences of this run that nothing heard afterwards has confirmed. */
export function unconfirmed(run: ChunkRun, { state, exhausted }: ChunkTarget): number[] {
  const until = state.hearing.confirmedUntil;
  return exhausted.filter((offset) => (run.lastSentAt[offset] ?? 0) > until);
}

/** Gives these ports, and all that are pending, a verdict for good, and tells how many that were. */
export function concludeUnprobed(
  run: ChunkRun,
  target: ChunkTarget,
  unsure: ReadonlySet<number>,
  code: number,
): number {
  let ports = 0;
  for (const offset of offsetsOf(run, target)) {
    if (run.work.codes[offset] !== 0 && !unsure.has(offset)) continue;
    if (run.work.codes[offset] === 0) run.unsettled -= 1;
    run.work.codes[offset] = code;
    ports += 1;
  }
  target.exhausted = target.exhausted.filter((offset) => !unsure.has(offset));
  return ports;
}
