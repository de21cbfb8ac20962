import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChunkResource } from '../../../shared/api/resources/chunk-resource.ts';
import type { Plan } from '../../../shared/domain/scan.ts';
import { hostCells, makeCellBuilder, runsOfCells } from '../../../web/data/chunk-cells.ts';
import { CELL_STATES, cellCode, cellState, cellStateOf } from '../../../web/data/states.ts';
import { hostMatrix } from '../../../web/map/host-matrix.ts';
import { mapSvg, type Palette, paintRows, rareOpenCells, viewAround, WHOLE } from '../../../web/map/paint.ts';
import { sampleScan } from '../../helpers/sample-scan.ts';

const palette = Object.fromEntries(
  CELL_STATES.map((state, at) => [state, [at * 2 + 1, at * 2 + 2]]),
) as unknown as Palette;

const cells = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 9_000 }), fc.nat(CELL_STATES.length - 1)), { maxLength: 40 })
  .map((runs) => {
    const all = new Uint8Array(65_536);
    let at = 0;
    for (const [length, code] of runs) {
      all.fill(code, at, at + length);
      at += length;
    }
    return all;
  });

const chunkOf = (chunk: number, runs: ChunkResource['runs']): ChunkResource => ({
  chunk,
  pending: 0,
  runs,
  open: [],
  openLeftOut: 0,
});

describe('The cells of the map', () => {
  it('stand at the number of their port, whichever chunk told them', () => {
    const { plan } = sampleScan({ chunks: 4 });
    const build = makeCellBuilder(plan);
    const chunks = [
      build(chunkOf(0, [[16_384, 'closed/conn-refused']])),
      build(
        chunkOf(1, [
          [1, 'open/syn-ack'],
          [16_383, 'filtered/no-response'],
        ]),
      ),
    ];
    const drawn = hostCells(chunks, '127.0.0.1', 'tcp');
    expect([0, 1, 16_384, 16_385, 16_386, 40_000].map((port) => cellState(drawn[port] ?? 0))).toEqual([
      'not-planned',
      'closed',
      'closed',
      'open',
      'filtered',
      'not-planned',
    ]);
  });

  it('know every verdict, and call what they do not know unprobed', () => {
    expect(cellStateOf('open|filtered/no-response')).toBe('open|filtered');
    expect(cellStateOf('unprobed/deadline')).toBe('unprobed');
    expect(cellStateOf('something/new' as never)).toBe('unprobed');
  });

  it('fall into runs that cover them all', () => {
    fc.assert(
      fc.property(cells, (all) => {
        const again = new Uint8Array(65_536);
        for (const { first, last, code } of runsOfCells(all)) again.fill(code, first, last + 1);
        expect(Buffer.compare(again, all)).toBe(0);
      }),
      { numRuns: 20 },
    );
  });
});

describe('The painted map', () => {
  it('shows at each cell the tile of its state, at every zoom', () => {
    fc.assert(
      fc.property(cells, fc.nat(65_535), fc.constantFrom(256, 128, 64, 32), (all, port, side) => {
        const view = viewAround(port, side);
        const size = 768 / side;
        const pixels = new Uint32Array(768 * 768);
        paintRows(pixels, all, view, { size, palette, rows: [0, side] });
        const at = port - view.first;
        const [x, y] = [(at % side) * size, Math.floor(at / side) * size];
        const [colour, ground] = palette[cellState(all[port] ?? 0)];
        const corner = pixels[y * 768 + x] ?? 0;
        expect([colour, ground]).toContain(corner);
        expect(pixels.includes(0)).toBe(false);
      }),
      { numRuns: 12 },
    );
  });

  it('is the same when only some of its rows are painted anew', () => {
    fc.assert(
      fc.property(cells, fc.nat(255), fc.nat(255), (all, one, other) => {
        const rows = [Math.min(one, other), Math.max(one, other) + 1] as const;
        const [whole, part] = [new Uint32Array(1_024 * 1_024), new Uint32Array(1_024 * 1_024)];
        paintRows(whole, all, WHOLE, { size: 4, palette, rows: [0, 256] });
        paintRows(part, all, WHOLE, { size: 4, palette, rows });
        const [from, end] = [rows[0] * 4_096, rows[1] * 4_096];
        whole.fill(0, 0, from).fill(0, end);
        expect(part.some((pixel) => pixel !== 0)).toBe(true);
        expect(Buffer.from(part.buffer).equals(Buffer.from(whole.buffer))).toBe(true);
      }),
      { numRuns: 8 },
    );
  });

  it('draws open cells larger where they are few, and only there', () => {
    const all = new Uint8Array(65_536).fill(cellCode('closed'));
    all.fill(cellCode('open'), 255, 257);
    expect(rareOpenCells(all, WHOLE)).toEqual([
      { x: 255, y: 0, width: 1 },
      { x: 0, y: 1, width: 1 },
    ]);
    expect(rareOpenCells(new Uint8Array(65_536).fill(cellCode('open')), WHOLE)).toEqual([]);
  });

  it('is written as SVG with a rectangle for each run, and no name can break out of its title', () => {
    const all = new Uint8Array(65_536).fill(cellCode('closed'));
    const colours = Object.fromEntries(CELL_STATES.map((state) => [state, '#123456'])) as never;
    const svg = mapSvg(all, WHOLE, colours, '</title><script>&\u0007');
    expect(svg.match(/<rect/g)?.length).toBe(256);
    expect(svg).not.toMatch(/<script|\u0007/);
  });
});

describe('The matrix of hosts', () => {
  it('puts the host first that looks like no other', () => {
    const plan: Plan = {
      ...sampleScan().plan,
      addresses: [{ first: '127.0.0.1' as never, last: '127.0.0.4' as never }],
      ports: { tcp: [[22, 23]], udp: [] } as never,
      geometry: { addressCount: 4, portCount: 2, kind: 'whole', size: 4, chunks: 1, lanes: 1 },
    };
    const open = [22, 22, 23, 22].map((port, at) => ({ address: `127.0.0.${at + 1}`, protocol: 'tcp', port }));
    const runs = open.flatMap(({ port }) =>
      [22, 23].map((each) => [1, each === port ? 'open/syn-ack' : 'closed/conn-refused'] as const),
    );
    const { rows, ports } = hostMatrix([makeCellBuilder(plan)(chunkOf(0, runs))], open as never, new Map());
    expect(ports).toEqual([22, 23]);
    expect(rows.map(({ address, alike }) => [address, alike])).toEqual([
      ['127.0.0.3', 1],
      ['127.0.0.1', 3],
      ['127.0.0.2', 3],
      ['127.0.0.4', 3],
    ]);
  });
});
