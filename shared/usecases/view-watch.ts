import { hostKey } from '../domain/units.ts';
import type { Watch } from '../domain/watch.ts';
import type { AlertDelivery } from '../domain/watch-message.ts';
import type { WatchStore } from '../seams/watch-store.ts';
import { type OpenAlert, openAlerts } from '../watch/open-alerts.ts';
import { historiesOf, type PortHistory } from '../watch/port-history.ts';

/** A watch with what is open and what is on its way, bounded. */
export interface WatchView {
  readonly watch: Watch;
  readonly alerts: readonly OpenAlert[];
  /** How many alerts there are where these are not all. */
  readonly alertCount: number;
  /** The latest, newest first. */
  readonly deliveries: readonly AlertDelivery[];
}

/** A reader takes in no more of them at once; the count says how many there are. */
const MOST_ALERTS = 500;
const MOST_DELIVERIES = 20;

export async function viewWatch(watch: Watch, watches: WatchStore): Promise<WatchView> {
  const alerts: OpenAlert[] = [];
  let alertCount = 0;
  for await (const record of watches.listHosts(watch.id)) {
    const open = openAlerts(watch.id, record);
    alertCount += open.length;
    alerts.push(...open.slice(0, MOST_ALERTS - alerts.length));
  }
  return { watch, alerts, alertCount, deliveries: await watches.listDeliveries(watch.id, MOST_DELIVERIES) };
}

/** When the ports of a host were open, as each watch saw it; of one port where `port` is not null. */
export async function readHistory(host: string, port: number | null, watches: WatchStore): Promise<PortHistory[]> {
  const histories: PortHistory[] = [];
  for await (const { id, spec } of watches.listWatches()) {
    const record = await watches.readHost(id, hostKey(host));
    if (record) histories.push(...historiesOf(spec.name, record, port));
  }
  return histories;
}
