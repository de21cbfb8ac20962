import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import type { FindingResource } from '../../shared/api/resources/port-resource.ts';
import type { ScanResource } from '../../shared/api/resources/scan-resource.ts';
import { namesByAddress } from '../../shared/domain/address-names.ts';
import type { Protocol } from '../../shared/domain/probe.ts';
import type { PortNumber } from '../../shared/domain/units.ts';
import { hostCells } from '../data/chunk-cells.ts';
import { findingKey } from '../data/findings.ts';
import type { LiveScan } from '../data/live-scan.ts';
import { CELL_STATES, cellState, STATE_WORDS } from '../data/states.ts';
import { PortDrawer } from '../findings/port-drawer.tsx';
import { download } from '../parts/download.ts';
import { clockWords, grouped, plural } from '../parts/words.ts';
import { Legend } from './legend.tsx';
import { MAP_SIDES, type MapSide, mapSvg, type MapView as View, viewAround, WHOLE } from './paint.ts';
import { PortCanvas } from './port-canvas.tsx';

/** The ports of one host as a square of cells, coloured and patterned by state, filling in while the scan runs. */
export function MapView({ live, scan }: { readonly live: LiveScan; readonly scan: ScanResource }) {
  const addresses = useMemo(() => addressesOf(live), [live.revision.value]);
  const host = useSignal<string | null>(null);
  const protocol = useSignal<Protocol>(scan.plan.ports.tcp.length > 0 ? 'tcp' : 'udp');
  const view = useSignal<View>(WHOLE);
  const cursor = useSignal(0);
  const drawer = useSignal(false);
  const address = host.value ?? addresses[0] ?? '';
  const revision = live.revision.value;
  const cells = useMemo(() => hostCells(live.chunks(), address, protocol.value), [revision, address, protocol.value]);
  const byAddress: ReadonlyMap<string, readonly string[]> = useMemo(() => namesByAddress(scan.names), [scan.scanId]);
  const names = byAddress.get(address) ?? [];
  const key = findingKey({ address: address as never, protocol: protocol.value, port: cursor.value as PortNumber });
  const here = live.findings().filter((each) => each.address === address && each.protocol === protocol.value);
  const finding = here.find((each) => findingKey(each) === key);
  const show = (port: number): void => {
    cursor.value = port;
    view.value = viewAround(port, view.value.side);
  };
  const zoom = (step: 1 | -1): void => {
    const at = MAP_SIDES.indexOf(view.value.side) + step;
    const side = MAP_SIDES[Math.max(0, Math.min(MAP_SIDES.length - 1, at))] ?? 256;
    view.value = viewAround(cursor.value, side);
  };
  return (
    <div class="map-view">
      <div class="tools">
        <HostChoice addresses={addresses} value={address} onChange={(chosen) => (host.value = chosen)} />
        <label>
          Protocol
          <select value={protocol.value} onChange={(event) => (protocol.value = event.currentTarget.value as Protocol)}>
            <option value="tcp">TCP</option>
            <option value="udp">UDP</option>
          </select>
        </label>
        <ZoomChoice side={view.value.side} onChange={(side) => (view.value = viewAround(cursor.value, side))} />
        <SaveButtons cells={cells} view={view.value} title={`${address} ${protocol.value}`} />
      </div>
      <div class="map-and-list">
        <PortCanvas
          cells={cells}
          view={view.value}
          cursor={cursor.value}
          label={`Ports of ${names[0] ?? address}, ${protocol.value}`}
          onCursor={show}
          onZoom={zoom}
          onOpen={() => (drawer.value = true)}
        />
        <div class="beside">
          <p class="readout" role="status" data-port={cursor.value}>
            <strong>
              {cursor.value}/{protocol.value}
            </strong>{' '}
            {STATE_WORDS[cellState(cells[cursor.value] ?? 0)]}
            {finding && ` · ${finding.service.name} · ${finding.reason} · seen ${clockWords(finding.seenAt)}`}
          </p>
          <Legend counts={countsOf(cells)} />
          <OpenPorts findings={here} onShow={show} />
        </div>
      </div>
      {drawer.value && finding && (
        <PortDrawer scan={scan} finding={finding} names={names} onClose={() => (drawer.value = false)} />
      )}
    </div>
  );
}

/** Beside the map, as a single cell is easily overlooked. */
const PORTS_LISTED = 60;

function OpenPorts(props: { readonly findings: readonly FindingResource[]; readonly onShow: (port: number) => void }) {
  const { findings, onShow } = props;
  if (findings.length === 0) return null;
  return (
    <>
      <h2>{plural(findings.length, 'open port')}</h2>
      <ul class="port-list">
        {findings.slice(0, PORTS_LISTED).map(({ port, service }) => (
          <li key={port}>
            <button type="button" class="quiet" onClick={() => onShow(port)}>
              <strong>{port}</strong> {service.name}
            </button>
          </li>
        ))}
      </ul>
      {findings.length > PORTS_LISTED && (
        <p class="hint">{grouped(findings.length - PORTS_LISTED)} more in the table.</p>
      )}
    </>
  );
}

/** Hosts that can be chosen: those with an open port first, as they are the ones to look at. */
function addressesOf(live: LiveScan): readonly string[] {
  const withOpen = new Set(live.findings().map(({ address }) => address as string));
  const all = new Set(live.chunks().flatMap(({ addresses }) => addresses as readonly string[]));
  return [...withOpen, ...[...all].filter((address) => !withOpen.has(address))];
}

/** A list of more would be a burden; the others are found by typing. */
const LISTED = 500;

function HostChoice(props: {
  readonly addresses: readonly string[];
  readonly value: string;
  readonly onChange: (address: string) => void;
}) {
  const { addresses, value, onChange } = props;
  if (addresses.length <= 1) return null;
  return (
    <label>
      Host
      <input
        list="map-hosts"
        value={value}
        onChange={(event) => addresses.includes(event.currentTarget.value) && onChange(event.currentTarget.value)}
      />
      <datalist id="map-hosts">
        {addresses.slice(0, LISTED).map((address) => (
          <option key={address} value={address} />
        ))}
      </datalist>
    </label>
  );
}

function ZoomChoice({ side, onChange }: { readonly side: MapSide; readonly onChange: (side: MapSide) => void }) {
  return (
    <label>
      Shown
      <select value={side} onChange={(event) => onChange(Number(event.currentTarget.value) as MapSide)}>
        {MAP_SIDES.map((each) => (
          <option key={each} value={each}>
            {each === 256 ? 'every port' : `${grouped(each * each)} ports`}
          </option>
        ))}
      </select>
    </label>
  );
}

function countsOf(cells: Uint8Array): readonly number[] {
  const counts = CELL_STATES.map(() => 0);
  for (const code of cells) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}

function SaveButtons({
  cells,
  view,
  title,
}: {
  readonly cells: Uint8Array;
  readonly view: View;
  readonly title: string;
}) {
  const png = (): void => {
    const canvas = document.querySelector<HTMLCanvasElement>('canvas.port-map');
    canvas?.toBlob((blob) => blob && download(blob, 'portfleet-map.png'));
  };
  const svg = (): void => {
    const style = getComputedStyle(document.documentElement);
    const colour = (state: string): string => style.getPropertyValue(`--cell-${state.replace('|', '-')}`).trim();
    const palette = Object.fromEntries(CELL_STATES.map((state) => [state, colour(state)]));
    const text = mapSvg(cells, view, palette as Parameters<typeof mapSvg>[2], title);
    download(new Blob([text], { type: 'image/svg+xml' }), 'portfleet-map.svg');
  };
  return (
    <div class="actions">
      <button type="button" class="quiet" onClick={png}>
        PNG
      </button>
      <button type="button" class="quiet" onClick={svg}>
        SVG
      </button>
    </div>
  );
}
