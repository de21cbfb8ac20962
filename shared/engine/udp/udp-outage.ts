import { probeAt } from '../../domain/chunk.ts';
import { type Millis, millis } from '../../domain/units.ts';
import { verdictCode } from '../../domain/verdict.ts';
import { type ChunkRun, type ChunkTarget, offsetsOf } from '../chunk-run.ts';
import { report, wallAt } from '../silent-targets.ts';

const OPEN = verdictCode('open/udp-response');
const CLOSED = verdictCode('closed/port-unreach');
const SILENT: ReadonlySet<number> = new Set([
  verdictCode('open|filtered/no-response'),
  verdictCode('open|filtered/rate-limited'),
]);
const GONE = verdictCode('unprobed/target-went-silent');

/** What this run knows of a target by its UDP ports alone. */
export interface UdpSigns {
  /** Ports that answered as open: they may be probed again. */
  readonly open: readonly number[];
  /** When the last probe was sent that was answered; undefined where none was. */
  readonly heardAt: Millis | undefined;
  /** Ports that were silent, and were probed after that. */
  readonly silentSince: readonly number[];
}

export function udpSigns(run: ChunkRun, target: ChunkTarget): UdpSigns {
  const { codes, chunk } = run.work;
  const offsets = [...offsetsOf(run, target)].filter((offset) => probeAt(chunk, offset)?.protocol === 'udp');
  const sentAt = (offset: number): number => run.lastSentAt[offset] ?? 0;
  const isAnswered = (offset: number): boolean => codes[offset] === OPEN || codes[offset] === CLOSED;
  const heardAt = offsets.reduce((last, offset) => (isAnswered(offset) ? Math.max(last, sentAt(offset)) : last), 0);
  return {
    open: offsets.filter((offset) => codes[offset] === OPEN),
    heardAt: heardAt > 0 ? millis(heardAt) : undefined,
    silentSince: offsets.filter((offset) => SILENT.has(codes[offset] ?? 0) && sentAt(offset) > heardAt),
  };
}

/** The target answered, and answers no more: what was silent since then says nothing of its ports. */
export function recordUdpOutage(run: ChunkRun, target: ChunkTarget, { heardAt, silentSince }: UdpSigns): void {
  if (heardAt === undefined || silentSince.length === 0) return;
  for (const offset of silentSince) run.work.codes[offset] = GONE;
  const [from, ports] = [wallAt(run, heardAt), silentSince.length];
  report(run, { kind: 'went-silent', address: target.address, from, until: null, ports });
}
