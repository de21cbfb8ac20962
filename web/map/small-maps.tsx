import { useEffect, useRef } from 'preact/hooks';
import { hostCells } from '../data/chunk-cells.ts';
import type { LiveScan } from '../data/live-scan.ts';
import { colours } from '../parts/theme.ts';
import { grouped, plural } from '../parts/words.ts';
import type { HostRow } from './host-matrix.ts';
import { paintSmall, SMALL_SIDE } from './paint.ts';
import { readPalette } from './palette.ts';

/** Maps side by side; each is 64 KB of cells and as much of pixels. */
const MOST_MAPS = 64;

/** The TCP ports of hosts, each as a small map, the odd ones first. */
export function SmallMaps({ rows, live }: { readonly rows: readonly HostRow[]; readonly live: LiveScan }) {
  return (
    <>
      <ul class="small-maps">
        {rows.slice(0, MOST_MAPS).map((row) => (
          <li key={row.address}>
            <SmallMap row={row} live={live} />
          </li>
        ))}
      </ul>
      {rows.length > MOST_MAPS && (
        <p class="hint">{grouped(rows.length - MOST_MAPS)} more hosts stand in the matrix only.</p>
      )}
    </>
  );
}

function SmallMap({ row, live }: { readonly row: HostRow; readonly live: LiveScan }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const revision = live.revision.value;
  const name = row.names[0] ?? row.address;
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!canvas.current || !context) return;
    const image = context.createImageData(SMALL_SIDE, SMALL_SIDE);
    const cells = hostCells(live.chunks(), row.address, 'tcp');
    paintSmall(new Uint32Array(image.data.buffer), cells, readPalette(canvas.current));
    context.putImageData(image, 0, 0);
  }, [revision, row.address, colours.value]);
  return (
    <figure>
      <canvas ref={canvas} width={SMALL_SIDE} height={SMALL_SIDE} role="img" aria-label={`Ports of ${name}`} />
      <figcaption>
        {name} <span class="sub">{plural(row.open, 'open port')}</span>
      </figcaption>
    </figure>
  );
}
