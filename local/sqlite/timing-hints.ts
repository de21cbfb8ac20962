import { type EpochMillis, millis, type PortNumber } from '../../shared/domain/units.ts';
import type { ScanStore } from '../../shared/seams/scan-store.ts';
import type { Database } from './open-database.ts';

type TimingHintStore = Pick<ScanStore, 'readTimingHints' | 'putTimingHints'>;

interface HintRow {
  readonly smoothed_rtt: number;
  readonly rtt_variation: number;
  readonly attempts: number;
  readonly asks_at_once: number | null;
  readonly closed_port: PortNumber | null;
  readonly open_port: PortNumber | null;
  readonly heard_at: EpochMillis | null;
}

const COLUMNS = 'smoothed_rtt, rtt_variation, attempts, asks_at_once, closed_port, open_port, heard_at';

export function makeTimingHints(db: Database): TimingHintStore {
  const put = db.prepare(
    `INSERT INTO learnt (scan, address, ${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (scan, address) DO UPDATE SET (${COLUMNS}) = (${COLUMNS.replace(/\w+/g, 'excluded.$&')})`,
  );
  const select = db.prepare<HintRow>(`SELECT ${COLUMNS} FROM learnt WHERE scan = ? AND address = ?`);

  return {
    readTimingHints: async (id, address) => {
      const row = select.get(id, address);
      return (
        row && {
          address,
          smoothedRtt: millis(row.smoothed_rtt),
          rttVariation: millis(row.rtt_variation),
          attempts: row.attempts,
          window: row.asks_at_once,
          closedPort: row.closed_port,
          openPort: row.open_port,
          heardAt: row.heard_at,
        }
      );
    },
    putTimingHints: async (id, { address, smoothedRtt, rttVariation, attempts, window, ...heard }) => {
      const { closedPort, openPort, heardAt } = heard;
      put.run(id, address, smoothedRtt, rttVariation, attempts, window, closedPort, openPort, heardAt);
    },
  };
}
