import { KEY_LIFETIME } from '../../shared/domain/limits.ts';
import type { EpochMillis, ScanId } from '../../shared/domain/units.ts';
import type { CallerStore, KeyUse } from '../../shared/seams/caller-store.ts';

const DAY = 86_400_000;

/** The seam in the plainest words there are. */
export function makeMemoryCallerStore(): CallerStore {
  const keys = new Map<string, { readonly use: KeyUse; readonly at: EpochMillis }>();
  const probes = new Map<string, Map<ScanId, number>>();
  const seconds = new Map<string, Map<ScanId, number>>();
  const places = new Map<string, Map<ScanId, EpochMillis>>();
  const useOf = (name: string, at: EpochMillis): KeyUse | undefined => {
    const known = keys.get(name);
    return known && known.at > at - KEY_LIFETIME ? known.use : undefined;
  };
  return {
    readKey: async ({ caller, key }, at) => useOf(JSON.stringify([caller, key]), at),
    claimKey: async ({ caller, key }, use, at) => {
      const name = JSON.stringify([caller, key]);
      const known = useOf(name, at);
      if (!known) keys.set(name, { use, at });
      return known ?? use;
    },
    reserve: async (wanted) => {
      const day = JSON.stringify([wanted.caller, Math.floor(wanted.at / DAY)]);
      const spent = probes.get(day) ?? new Map<ScanId, number>();
      const held = places.get(wanted.caller) ?? new Map<ScanId, EpochMillis>();
      if (held.has(wanted.scan)) return { kind: 'granted' };
      const used = [...spent].reduce((sum, [scan, count]) => (scan === wanted.scan ? sum : sum + count), 0);
      const { probesPerDay, secondsPerDay = null, scansAtOnce } = wanted.quota;
      if (probesPerDay !== null && used + wanted.probes > probesPerDay) return { kind: 'day-spent', used };
      const busy = [...(seconds.get(day) ?? [])].reduce((sum, [, count]) => sum + count, 0);
      if (secondsPerDay !== null && busy + (wanted.seconds ?? 0) > secondsPerDay) {
        return { kind: 'day-spent', of: 'seconds', used: busy };
      }
      if (scansAtOnce !== null && held.size >= scansAtOnce) {
        return { kind: 'places-taken', held: [...held].map(([scan, since]) => ({ scan, since })) };
      }
      seconds.set(day, new Map([...(seconds.get(day) ?? []), [wanted.scan, wanted.seconds ?? 0]]));
      probes.set(day, spent.set(wanted.scan, wanted.probes));
      places.set(wanted.caller, held.set(wanted.scan, wanted.at));
      return { kind: 'granted' };
    },
    release: async (caller, scan) => {
      places.get(caller)?.delete(scan);
    },
  };
}
