import { problemResponse } from '../../shared/api/problem.ts';
import { errorValue } from '../../shared/domain/errors.ts';
import { isOver } from '../../shared/domain/scan-status.ts';
import type { ScanId } from '../../shared/domain/units.ts';
import type { LocalNode } from '../local-node.ts';

/** Between two looks at the store's counter of changes: a pragma of some microseconds. */
const LOOK_MS = 250;

/** A line that says nothing, so that no proxy takes a quiet stream for a dead one. */
const KEEP_ALIVE_MS = 15_000;

/** Streams at once: a browser opens one for each tab that shows a scan. */
const MOST_STREAMS = 32;

/** The streams of one server. */
export function makeScanEvents(node: Pick<LocalNode, 'store' | 'changeCounter'>): (id: ScanId) => Response {
  let streams = 0;
  return (id) => {
    if (streams >= MOST_STREAMS) {
      const detail = `${MOST_STREAMS} pages follow scans of this server.`;
      return problemResponse([errorValue('TOO_MANY_STREAMS', detail)], `/events/${id}`, { 'retry-after': '5' });
    }
    streams += 1;
    return scanEvents(node, id, () => {
      streams -= 1;
    });
  };
}

/**
 * Server-sent events (HTML Living Standard, section 9.2) of one scan: `changed` when anything was written to the store,
 * `over` once. They carry no data: what changed is read from the API, so a lost event can lose nothing.
 */
function scanEvents(node: Pick<LocalNode, 'store' | 'changeCounter'>, id: ScanId, onEnd: () => void): Response {
  let timer: NodeJS.Timeout | undefined;
  const end = (): void => {
    if (timer) onEnd();
    clearInterval(timer);
    timer = undefined;
  };
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const write = (text: string): void => controller.enqueue(new TextEncoder().encode(text));
      let [seen, wrote] = ['', Date.now()];
      const look = async (): Promise<void> => {
        const now = node.changeCounter();
        if (now !== seen) {
          seen = now;
          const scan = await node.store.readScan(id);
          if (!timer) return;
          write('event: changed\ndata:\n\n');
          wrote = Date.now();
          if (scan && !isOver(scan.status)) return;
          write('event: over\ndata:\n\n');
          end();
          controller.close();
        } else if (Date.now() - wrote > KEEP_ALIVE_MS) {
          write(':\n\n');
          wrote = Date.now();
        }
      };
      const giveUp = (error: unknown): void => {
        end();
        // The browser opens another stream; of one that stays open it would take the silence for a scan that does nothing.
        controller.error(error);
      };
      timer = setInterval(() => void look().catch(giveUp), LOOK_MS);
      timer.unref();
    },
    cancel: end,
  });
  return new Response(body, { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' } });
}
