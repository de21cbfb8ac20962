import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { ScanResource } from '../../shared/api/resources/scan-resource.ts';
import { namesByAddress } from '../../shared/domain/address-names.ts';
import type { PortNumber } from '../../shared/domain/units.ts';
import { portOf, protocolOf } from '../data/chunk-cells.ts';
import { findingKey } from '../data/findings.ts';
import type { LiveScan } from '../data/live-scan.ts';
import { CELL_STATES, cellState, STATE_WORDS } from '../data/states.ts';
import { PortDrawer } from '../findings/port-drawer.tsx';
import { type Keys, onOwnKey } from '../parts/keys.tsx';
import { colours } from '../parts/theme.ts';
import { grouped, plural } from '../parts/words.ts';
import { COLUMN, HEAD, makeMatrixPainter, NAMES, ROW } from './draw-matrix.ts';
import { type HostMatrix, type HostRow, hostMatrix } from './host-matrix.ts';
import { Legend } from './legend.tsx';
import { SmallMaps } from './small-maps.tsx';

const HEIGHT = 520;

type Shown = 'matrix' | 'maps';

/** Hosts by the ports that are open anywhere. Only the rows in sight are drawn, so that 4,096 hosts scroll smoothly. */
export function HostsView({ live, scan }: { readonly live: LiveScan; readonly scan: ScanResource }) {
  const revision = live.revision.value;
  const names = useMemo(() => namesByAddress(scan.names), [scan.scanId]);
  const matrix = useMemo(() => hostMatrix(live.chunks(), live.findings(), names), [revision, names]);
  const cursor = useSignal<readonly [row: number, column: number]>([0, 0]);
  const drawer = useSignal(false);
  const as = useSignal<Shown>('matrix');
  const [row, column] = cursor.value;
  const host = matrix.rows[row];
  const key = matrix.ports[column];
  const finding = host && key !== undefined ? findingAt(live, host, key) : undefined;
  if (matrix.ports.length === 0) {
    return <p class="empty">No port is open anywhere so far, so there is nothing to set side by side.</p>;
  }
  return (
    <div class="hosts-view">
      <p class="sub">
        {plural(matrix.rows.length, 'host')} by {plural(matrix.ports.length, 'port')} that are open anywhere. Hosts that
        look like no other stand first.
      </p>
      <div class="tools">
        <label>
          Shown as
          <select value={as.value} onChange={(event) => (as.value = event.currentTarget.value as Shown)}>
            <option value="matrix">matrix of hosts and ports</option>
            <option value="maps">small port maps</option>
          </select>
        </label>
      </div>
      {as.value === 'maps' && <SmallMaps rows={matrix.rows} live={live} />}
      {as.value === 'matrix' && (
        <MatrixCanvas
          matrix={matrix}
          cursor={cursor.value}
          onCursor={(at) => (cursor.value = at)}
          onOpen={() => (drawer.value = true)}
        />
      )}
      {host && key !== undefined && (
        <p class="readout" role="status">
          <strong>{host.names[0] ?? host.address}</strong> {portOf(key)}/{protocolOf(key)}{' '}
          {STATE_WORDS[cellState(host.codes[column] ?? 0)]}
          {finding && ` · ${finding.service.name}`} · {alikeWords(host)}
        </p>
      )}
      <Legend counts={countsOf(matrix)} />
      {drawer.value && finding && (
        <PortDrawer scan={scan} finding={finding} names={host?.names ?? []} onClose={() => (drawer.value = false)} />
      )}
    </div>
  );
}

const alikeWords = ({ alike }: HostRow): string =>
  alike === 1 ? 'no other host looks like this' : `${grouped(alike)} hosts look like this`;

const findingAt = (live: LiveScan, { address }: HostRow, key: number) => {
  const wanted = findingKey({
    address: address as never,
    protocol: protocolOf(key),
    port: portOf(key) as PortNumber,
  });
  return live.findings().find((finding) => findingKey(finding) === wanted);
};

function countsOf({ rows }: HostMatrix): readonly number[] {
  const counts = CELL_STATES.map(() => 0);
  for (const { codes } of rows) for (const code of codes) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}

interface MatrixProps {
  readonly matrix: HostMatrix;
  readonly cursor: readonly [row: number, column: number];
  readonly onCursor: (at: readonly [row: number, column: number]) => void;
  readonly onOpen: () => void;
}

function MatrixCanvas({ matrix, cursor, onCursor, onOpen }: MatrixProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = NAMES + matrix.ports.length * COLUMN;
  const height = HEAD + matrix.rows.length * ROW;
  const painter = useMemo(() => makeMatrixPainter(matrix), [matrix, colours.value]);
  const paint = (): void => {
    if (scroller.current && canvas.current) painter.paint(canvas.current, scroller.current, cursor);
  };
  useEffect(() => {
    paint();
    const observer = new ResizeObserver(paint);
    if (scroller.current) observer.observe(scroller.current);
    return () => observer.disconnect();
  }, [painter, cursor]);
  const move = (rows: number, columns: number): void => {
    const row = Math.max(0, Math.min(matrix.rows.length - 1, cursor[0] + rows));
    const column = Math.max(0, Math.min(matrix.ports.length - 1, cursor[1] + columns));
    onCursor([row, column]);
    reveal(scroller.current, row, column);
  };
  const keys: Keys = {
    ArrowRight: () => move(0, 1),
    ArrowLeft: () => move(0, -1),
    ArrowDown: () => move(1, 0),
    ArrowUp: () => move(-1, 0),
    PageDown: () => move(20, 0),
    PageUp: () => move(-20, 0),
    Home: () => move(-matrix.rows.length, 0),
    End: () => move(matrix.rows.length, 0),
    Enter: onOpen,
  };
  const pointAt = (event: PointerEvent | MouseEvent): void => {
    const box = scroller.current;
    if (!box) return;
    const bounds = box.getBoundingClientRect();
    const row = Math.floor((event.clientY - bounds.top + box.scrollTop - HEAD) / ROW);
    const column = Math.floor((event.clientX - bounds.left + box.scrollLeft - NAMES) / COLUMN);
    if (row >= 0 && row < matrix.rows.length && column >= 0 && column < matrix.ports.length) onCursor([row, column]);
  };
  return (
    <div
      ref={scroller}
      class="matrix"
      style={{ height: `${Math.min(HEIGHT, height + 2)}px` }}
      tabIndex={0}
      role="application"
      aria-label="Hosts by open ports; arrow keys go from cell to cell, Enter opens"
      onScroll={paint}
      onPointerMove={pointAt}
      onPointerDown={pointAt}
      onClick={onOpen}
      onKeyDown={onOwnKey(keys)}
    >
      <canvas ref={canvas} />
      <div style={{ width: `${width}px`, height: `${height}px` }} />
    </div>
  );
}

function reveal(box: HTMLDivElement | null, row: number, column: number): void {
  if (!box) return;
  const [top, left] = [row * ROW, column * COLUMN];
  if (top < box.scrollTop) box.scrollTop = top;
  if (top + ROW > box.scrollTop + box.clientHeight - HEAD) box.scrollTop = top + ROW - box.clientHeight + HEAD;
  if (left < box.scrollLeft) box.scrollLeft = left;
  const room = box.clientWidth - NAMES;
  if (left + COLUMN > box.scrollLeft + room) box.scrollLeft = left + COLUMN - room;
}
