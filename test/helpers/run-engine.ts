import type { Chunk } from '../../shared/domain/chunk.ts';
import type { Finding } from '../../shared/domain/finding.ts';
import { portsInRow } from '../../shared/domain/port-list.ts';
import type { PortAt } from '../../shared/domain/port-set.ts';
import { TIMING_TEMPLATES, type Timing } from '../../shared/domain/timing-template.ts';
import { type Address, chunkNumber, type Millis, millis, type PortNumber, seed } from '../../shared/domain/units.ts';
import { type Verdict, verdictOf } from '../../shared/domain/verdict.ts';
import type { ChunkDeps } from '../../shared/engine/chunk-run.ts';
import { type ChunkResult, type ChunkScan, scanChunk } from '../../shared/engine/scan-chunk.ts';
import { makeSocketBudget } from '../../shared/engine/socket-budget.ts';
import { makeTargetStates } from '../../shared/engine/target/target-state.ts';
import { netProber } from '../../shared/net/prober.ts';
import { systemClock } from '../../shared/net/system-clock.ts';
import { probeOrder } from '../../shared/plan/probe-order.ts';
import type { Prober } from '../../shared/seams/prober.ts';

export const LOOPBACK = '127.0.0.1' as Address;

/** Fast enough for a test, patient enough for a busy machine. */
export const TEST_TIMING: Timing = {
  ...TIMING_TEMPLATES.T4,
  initialRttTimeout: millis(150),
  minRttTimeout: millis(100),
  maxRttTimeout: millis(300),
  ratePerTarget: null,
};

export function chunkOf(ports: readonly PortAt[], addresses: readonly Address[] = [LOOPBACK]): Chunk {
  return {
    number: chunkNumber(0),
    addresses,
    ports: portsInRow(ports),
    size: addresses.length * ports.length,
    lane: 0,
  };
}

export const tcp = (...ports: readonly number[]): PortAt[] =>
  ports.map((port) => ({ protocol: 'tcp', port: port as PortNumber }));

export interface EngineRun extends ChunkScan {
  readonly found: Omit<Finding, 'service'>[];
  /** Stops the run, as a Ctrl-C would. */
  abort(): void;
}

/** The engine over the real sockets of this process, unless `over` says otherwise. */
export function startEngine(
  chunk: Chunk,
  timing: Timing = TEST_TIMING,
  over: Partial<ChunkDeps> & { readonly codes?: Uint8Array } = {},
): EngineRun {
  const found: Omit<Finding, 'service'>[] = [];
  const controller = new AbortController();
  const running = scanChunk(
    { chunk, codes: over.codes ?? new Uint8Array(chunk.size), order: probeOrder(chunk, seed(1)) },
    {
      prober: netProber,
      clock: systemClock,
      budget: makeSocketBudget(200),
      targets: makeTargetStates(timing, 1),
      signal: controller.signal,
      deadline: null,
      onOpen: (finding) => found.push(finding),
      ...over,
    },
  );
  return { ...running, found, abort: () => controller.abort() };
}

export const verdicts = (result: ChunkResult): Verdict[] => Array.from(result.codes, verdictOf);

/** A prober that counts the asks of each port before it passes them on. */
export function countingProber(prober: Prober = netProber): Prober & { readonly asks: Map<number, number> } {
  const asks = new Map<number, number>();
  return {
    asks,
    send(probe, tell) {
      asks.set(probe.port, (asks.get(probe.port) ?? 0) + 1);
      return prober.send(probe, tell);
    },
  };
}

export const inMillis = (delay: number): Millis => millis(systemClock.now() + delay);
