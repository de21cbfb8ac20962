import { createHash } from 'node:crypto';
import { errorValue, PortfleetError } from '../../shared/domain/errors.ts';
import { KEY_LIFETIME } from '../../shared/domain/limits.ts';
import { type EpochMillis, epochMillis, type ScanId } from '../../shared/domain/units.ts';
import type { CallerKey, CallerStore, Grant, KeyUse, Reservation, ScanPlace } from '../../shared/seams/caller-store.ts';
import { type Item, type ItemKey, keyItem, number, numberOf, text, textOf } from './attributes.ts';
import { callerKey, idempotencyKey } from './keys.ts';
import type { Retention } from './retention.ts';
import type { Table } from './table.ts';

/** What is remembered of callers, over the table that the scans are in. */
export function makeDynamoCallerStore(table: Table, retention: Retention): CallerStore {
  return {
    readKey: async (of, at) => {
      const item = await table.get(keyPlace(of));
      return item && (numberOf(item, 'at') ?? 0) > at - KEY_LIFETIME ? useOf(item) : undefined;
    },
    claimKey: async (of, use, at) => {
      const isMine = await table.put(
        {
          ...keyItem(keyPlace(of)),
          scan: text(use.scan),
          fingerprint: text(use.fingerprint),
          at: number(at),
          expires: number(Math.ceil((at + KEY_LIFETIME) / 1_000)),
        },
        {
          condition: 'attribute_not_exists(pk) OR #at <= :over',
          names: { '#at': 'at' },
          values: { ':over': number(at - KEY_LIFETIME) },
        },
      );
      const bound = isMine ? undefined : await table.get(keyPlace(of));
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

/** Callers write their keys as they like; a digest has the length and the letters that a key of the table may have. */
const keyPlace = ({ caller, key }: CallerKey): ItemKey =>
  idempotencyKey(caller, createHash('sha256').update(key).digest('base64url'));

const useOf = (item: Item): KeyUse => ({
  scan: textOf(item, 'scan') as ScanId,
  fingerprint: textOf(item, 'fingerprint') ?? '',
});

/** What a caller has used and holds: one item, so that probes and place are taken in one step. */
interface Account {
  /** Days since 1970, UTC. */
  readonly day: number;
  readonly used: number;
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

function reserved(has: Account, { scan, probes, at, quota }: Reservation): Verdict<Grant> {
  if (has.places.some((place) => place.scan === scan)) return { result: { kind: 'granted' } };
  const day = Math.floor(at / DAY);
  const used = day === has.day ? has.used : 0;
  if (quota.probesPerDay !== null && used + probes > quota.probesPerDay) return { result: { kind: 'day-spent', used } };
  if (quota.scansAtOnce !== null && has.places.length >= quota.scansAtOnce) {
    return { result: { kind: 'places-taken', held: has.places } };
  }
  const places = [...has.places, { scan, since: at }];
  const kept = quota.scansAtOnce === null ? places.slice(-PLACES_WITHOUT_LIMIT) : places;
  return { result: { kind: 'granted' }, next: { day, used: used + probes, places: kept } };
}

/** Two requests of one caller at the same time are rare, and one of them always gets through. */
const TRIES = 50;

/** Reads, judges and writes, under the condition that nobody has written in between; otherwise all over again. */
async function changeAccount<Result>(
  table: Table,
  retention: Retention,
  caller: string,
  judge: (has: Account) => Verdict<Result>,
): Promise<Result> {
  for (let tries = 0; tries < TRIES; tries++) {
    const item = await table.get(callerKey(caller));
    const version = numberOf(item, 'version') ?? 0;
    const { result, next } = judge(accountOf(item));
    if (!next) return result;
    const written = await table.put(accountItem(caller, next, version + 1, retention.expires()), {
      condition: 'attribute_not_exists(pk) OR version = :version',
      values: { ':version': number(version) },
    });
    if (written) return result;
  }
  throw new PortfleetError([
    errorValue('STORE_UNAVAILABLE', `The account of the caller changed ${TRIES} times in a row.`),
  ]);
}

const accountOf = (item: Item | undefined): Account => ({
  day: numberOf(item, 'day') ?? 0,
  used: numberOf(item, 'used') ?? 0,
  places: (JSON.parse(textOf(item, 'places') ?? '[]') as [ScanId, EpochMillis][]).map(([scan, since]) => ({
    scan,
    since: epochMillis(since),
  })),
});

const accountItem = (caller: string, { day, used, places }: Account, version: number, expires: number): Item => ({
  ...keyItem(callerKey(caller)),
  day: number(day),
  used: number(used),
  places: text(JSON.stringify(places.map(({ scan, since }) => [scan, since]))),
  version: number(version),
  expires: number(expires),
});
