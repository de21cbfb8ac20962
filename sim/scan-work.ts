import { addressIndex } from '../shared/domain/addresses/address-set.ts';
import type { Scan } from '../shared/domain/scan.ts';
import { chunkNumber, type Seed, seed as seedOf } from '../shared/domain/units.ts';
import { chunkSize, groupOf } from '../shared/plan/split-chunks.ts';
import { type ChunkShape, type Conditions, makeWorkDrawer } from './chunk-work.ts';
import { makeDraws } from './random-draws.ts';
import { HOLDS, sweepTime } from './sweep-time.ts';

/** What each chunk of a scan comes to, by its number: the same for every fleet that the scan is cut alike for. */
export interface ScanWork {
  readonly probes: Float64Array;
  readonly attempts: Float64Array;
  readonly open: Float64Array;
  /** Seconds of probing, which of `HOLDS` makes it so many, and how long its longest attempt waits. */
  readonly seconds: Float64Array;
  readonly heldBy: Uint8Array;
  readonly longestWait: Float64Array;
  /** The number of its message group; null where every chunk is a group of its own. */
  readonly lanes: Int32Array | null;
}

export function makeScanWork(scan: Scan, conditions: Conditions, seed: Seed): ScanWork {
  const { geometry, timing } = scan.plan;
  const { ratePerTarget, initialWindow } = timing;
  const rate = { perTarget: ratePerTarget === null ? null : ratePerTarget / geometry.lanes, initialWindow };
  const [drawsOf, hostDraws] = [makeDraws(seed), makeDraws(seedOf(seed + 1))];
  const draw = makeWorkDrawer(timing, conditions);
  const shapeOf = shaper(scan);
  const numbers = (): Float64Array => new Float64Array(geometry.chunks);
  const all = { probes: numbers(), attempts: numbers(), open: numbers(), seconds: numbers(), longestWait: numbers() };
  const heldBy = new Uint8Array(geometry.chunks);
  for (let chunk = 0; chunk < geometry.chunks; chunk++) {
    const shape = shapeOf(chunk);
    const work = draw(shape, drawsOf(chunk), hostDraws);
    const time = sweepTime(work, rate);
    const before = work.before ? sweepTime(work.before, rate).seconds : 0;
    all.probes[chunk] = shape.addresses * shape.portsOfEach;
    all.attempts[chunk] = work.attempts + (work.before?.attempts ?? 0);
    all.open[chunk] = work.open;
    all.seconds[chunk] = before + time.seconds;
    all.longestWait[chunk] = work.longestWait;
    heldBy[chunk] = HOLDS.indexOf(time.heldBy);
  }
  return { ...all, heldBy, lanes: lanesOf(scan) };
}

function shaper({ plan: { geometry } }: Scan): (chunk: number) => ChunkShape {
  const { kind, portCount } = geometry;
  const parts = Math.ceil(portCount / geometry.size);
  return (chunk) => {
    const size = chunkSize(geometry, chunkNumber(chunk));
    if (kind === 'whole') return { addresses: size / portCount, portsOfEach: portCount, partOf: null };
    return { addresses: 1, portsOfEach: size, partOf: Math.floor(chunk / parts) };
  };
}

/** The planner's own message groups, numbered. */
function lanesOf({ id, plan }: Scan): Int32Array | null {
  const { kind, chunks } = plan.geometry;
  if (kind === 'whole') return null;
  const { at } = addressIndex(plan.addresses);
  const numbers = new Map<string, number>();
  return Int32Array.from({ length: chunks }, (_, chunk) => {
    const group = groupOf(plan, id, chunkNumber(chunk), at);
    const number = numbers.get(group) ?? numbers.size;
    numbers.set(group, number);
    return number;
  });
}
