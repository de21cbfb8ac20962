import { createHash } from 'node:crypto';
import { errorValue, PortfleetError } from '../../../shared/domain/errors.ts';
import { KEY_LIFETIME } from '../../../shared/domain/limits.ts';
import type { EpochMillis, ScanId } from '../../../shared/domain/units.ts';
import type {
  CallerKey,
  CallerStore,
  Grant,
  KeyUse,
  Reservation,
  ScanPlace,
} from '../../../shared/seams/caller-store.ts';
import { callerKey, idempotencyKey } from './keys.ts';
import type { Retention } from './retention.ts';
import type { Item, ItemKey, Table } from './table.ts';

/** What is remembered of callers, over the table that the scans are in. */
export function makeDynamoCallerStore(table: Table, retention: Retention): CallerStore {
  return {
    readKey: async (of, at) => {
      const item = await table.get<KeyAttributes>(keyPlace(of));
      return item && item.at > at - KEY_LIFETIME ? useOf(item) : undefined;
    },
    claimKey: async (of, use, at) => {
      const isMine = await table.put(
        {
          ...keyPlace(of),
          scan: use.scan,
          fingerprint: use.fingerprint,
          at,
          expires: Math.ceil((at + KEY_LIFETIME) / 1_000),
        },
        {
          condition: 'attribute_not_exists(pk) OR #at <= :over',
          names: { '#at': 'at' },
          values: { ':over': at - KEY_LIFETIME },
        },
      );
      const bound = isMine ? undefined : await table.get<KeyAttributes>(keyPlace(of));
      return bound ? useOf(bound) : use;
    },
    reserve: (reservation) => changeAccount(table, retention, reservation.caller, (has) => reserved(has, reservation)),
    release: async (caller, scan) => {
      await changeAccount(table, retention, caller, (has) => ({
        result: undefined,
        ...(has.places.some((place) => place.scan === scan) && {
          next: { ...has, places: has.places.filter((place) => place.scan !== scan) },
        }),
      }));
    },
  };
}

/** Callers write their keys as they like; a digest has the length and the characters that a key of the table may have. */
const keyPlace = ({ caller, key }: CallerKey): ItemKey =>
  idempotencyKey(caller, createHash('sha256').update(key).digest('base64url'));

interface KeyAttributes extends KeyUse {
  readonly at: EpochMillis;
}

const useOf = ({ scan, fingerprint }: KeyAttributes): KeyUse => ({ scan, fingerprint });

/** What a caller has used and holds: one item, so that probes and place are taken in one step. */
interface Account {
  /** Days since 1970, UTC. */
  readonly day: number;
  readonly used: number;
  /** Seconds of workers. */
  readonly seconds: number;
  readonly places: readonly ScanPlace[];
}

/** What a caller gets, and the account after it, where it changes. */
interface Verdict<Result> {
  readonly result: Result;
  readonly next?: Account;
}

const DAY = 86_400_000;

/** Where there is no limit of scans at once, places are kept only so that a scan that asks again is counted once. */
const PLACES_WITHOUT_LIMIT = 100;

function reserved(has: Account, { scan, probes, seconds: wanted = 0, at, quota }: Reservation): Verdict<Grant> {
  if (has.places.some((place) => place.scan === scan)) return { result: { kind: 'granted' } };
  const day = Math.floor(at / DAY);
  const [used, seconds] = day === has.day ? [has.used, has.seconds] : [0, 0];
  if (quota.probesPerDay !== null && used + probes > quota.probesPerDay) return { result: { kind: 'day-spent', used } };
  if (typeof quota.secondsPerDay === 'number' && seconds + wanted > quota.secondsPerDay) {
    return { result: { kind: 'day-spent', of: 'seconds', used: seconds } };
  }
  if (quota.scansAtOnce !== null && has.places.length >= quota.scansAtOnce) {
    return { result: { kind: 'places-taken', held: has.places } };
  }
  const places = [...has.places, { scan, since: at }];
  const kept = quota.scansAtOnce === null ? places.slice(-PLACES_WITHOUT_LIMIT) : places;
  return { result: { kind: 'granted' }, next: { day, used: used + probes, seconds: seconds + wanted, places: kept } };
}

/** Two requests of one caller at the same time are rare, and one of them always gets through. */
const TRIES = 50;

/** Reads, judges and writes, under the condition that no other write came in between; otherwise all over again. */
async function changeAccount<Result>(
  table: Table,
  retention: Retention,
  caller: string,
  judge: (has: Account) => Verdict<Result>,
): Promise<Result> {
  for (let tries = 0; tries < TRIES; tries++) {
    const item = await table.get<AccountAttributes>(callerKey(caller));
    const version = item?.version ?? 0;
    const { result, next } = judge(accountOf(item));
    if (!next) return result;
    const written = await table.put(accountItem(caller, next, version + 1, retention.expires()), {
      condition: 'attribute_not_exists(pk) OR version = :version',
      values: { ':version': version },
    });
    if (written) return result;
  }
  throw new PortfleetError([
    errorValue('STORE_UNAVAILABLE', `The account of the caller changed ${TRIES} times in a row.`),
  ]);
}

interface AccountAttributes {
  readonly day: number;
  readonly used: number;
  /** Absent in what an earlier version wrote. */
  readonly seconds?: number;
  /** JSON. */
  readonly places: string;
  readonly version: number;
}

function accountOf(item: AccountAttributes | undefined): Account {
  if (!item) return { day: 0, used: 0, seconds: 0, places: [] };
  const places = JSON.parse(item.places) as [ScanId, EpochMillis][];
  const { day, used, seconds = 0 } = item;
  return { day, used, seconds, places: places.map(([scan, since]) => ({ scan, since })) };
}

const accountItem = (
  caller: string,
  { day, used, seconds, places }: Account,
  version: number,
  expires: number,
): Item => ({
  ...callerKey(caller),
  day,
  used,
  seconds,
  places: JSON.stringify(places.map(({ scan, since }) => [scan, since])),
  version,
  expires,
});
