import { millis } from '../../shared/domain/units.ts';
import type { ScanStore } from '../../shared/seams/scan-store.ts';
import type { Database } from './open-database.ts';

type TimingHintStore = Pick<ScanStore, 'readTimingHints' | 'putTimingHints'>;

interface HintRow {
  readonly smoothed_rtt: number;
  readonly rtt_variation: number;
  readonly attempts: number;
  readonly asks_at_once: number | null;
}

export function makeTimingHints(db: Database): TimingHintStore {
  const put = db.prepare(
    `INSERT INTO learnt (scan, address, smoothed_rtt, rtt_variation, attempts, asks_at_once) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (scan, address) DO UPDATE SET smoothed_rtt = excluded.smoothed_rtt,
       rtt_variation = excluded.rtt_variation, attempts = excluded.attempts, asks_at_once = excluded.asks_at_once`,
  );
  const select = db.prepare<HintRow>(
    'SELECT smoothed_rtt, rtt_variation, attempts, asks_at_once FROM learnt WHERE scan = ? AND address = ?',
  );

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
        }
      );
    },
    putTimingHints: async (id, { address, smoothedRtt, rttVariation, attempts, window }) => {
      put.run(id, address, smoothedRtt, rttVariation, attempts, window);
    },
  };
}
