import { describe, expect, it, onTestFinished } from 'vitest';
import { KEY_LIFETIME } from '../../shared/domain/limits.ts';
import { epochMillis } from '../../shared/domain/units.ts';
import type { CallerStore, Reservation } from '../../shared/seams/caller-store.ts';
import { freshScanId } from '../helpers/sample-scan.ts';

/** An empty store for one test, and how to take it down. */
export type MakeCallerStore = () => Promise<{ readonly callers: CallerStore; readonly close: () => Promise<void> }>;

/** 2026-11-22T12:00:00Z. */
const NOON = 1_795_348_800_000;
const HOUR = 3_600_000;
const noon = epochMillis(NOON);

const ALICE = 'arn:aws:iam::111122223333:user/alice';
const BOB = 'arn:aws:iam::111122223333:user/bob';

const reservation = (more: Partial<Reservation> = {}): Reservation => ({
  caller: ALICE,
  scan: freshScanId(),
  probes: 100,
  at: noon,
  quota: { probesPerDay: 1_000, scansAtOnce: 3 },
  ...more,
});

/** What every store of callers must do, whatever it is built on. */
export function callerStoreContract(name: string, make: MakeCallerStore): void {
  const emptyStore = async (): Promise<CallerStore> => {
    const { callers, close } = await make();
    onTestFinished(close);
    return callers;
  };
  describe(`${name} keeps idempotency keys`, () => keys(emptyStore));
  describe(`${name} keeps quotas`, () => quotas(emptyStore));
}

type EmptyStore = () => Promise<CallerStore>;

function keys(emptyStore: EmptyStore): void {
  const use = () => ({ scan: freshScanId(), fingerprint: 'a'.repeat(64) });

  it('knows no key that was never used', async () => {
    const callers = await emptyStore();
    expect(await callers.readKey({ caller: ALICE, key: 'k' }, noon)).toBeUndefined();
  });

  it('binds a key to its first use', async () => {
    const callers = await emptyStore();
    const [first, second] = [use(), { scan: freshScanId(), fingerprint: 'b'.repeat(64) }];
    expect(await callers.claimKey({ caller: ALICE, key: 'k' }, first, noon)).toEqual(first);
    expect(await callers.claimKey({ caller: ALICE, key: 'k' }, second, noon)).toEqual(first);
    expect(await callers.readKey({ caller: ALICE, key: 'k' }, noon)).toEqual(first);
  });

  it('lets one of many concurrent claims win, and tells the others who', async () => {
    const callers = await emptyStore();
    const claims = Array.from({ length: 20 }, () => callers.claimKey({ caller: ALICE, key: 'k' }, use(), noon));
    const scans = new Set((await Promise.all(claims)).map(({ scan }) => scan));
    expect(scans.size).toBe(1);
  });

  it('keeps the keys of callers apart, whatever characters they are made of', async () => {
    const callers = await emptyStore();
    const pairs = [
      { caller: ALICE, key: 'k' },
      { caller: BOB, key: 'k' },
      { caller: `${ALICE}#k`, key: '' },
      { caller: ALICE, key: '#k' },
      { caller: ALICE, key: 'K' },
      { caller: ALICE, key: '\'";--~!' },
    ];
    const uses = pairs.map(use);
    for (const [index, pair] of pairs.entries()) await callers.claimKey(pair, uses[index] ?? use(), noon);
    expect(await Promise.all(pairs.map((pair) => callers.readKey(pair, noon)))).toEqual(uses);
  });

  it('forgets a key when its time is over, and then lets it be used again', async () => {
    const callers = await emptyStore();
    const [first, second] = [use(), use()];
    await callers.claimKey({ caller: ALICE, key: 'k' }, first, noon);
    const [before, after] = [epochMillis(NOON + KEY_LIFETIME - 1), epochMillis(NOON + KEY_LIFETIME)];
    expect(await callers.readKey({ caller: ALICE, key: 'k' }, before)).toEqual(first);
    expect(await callers.readKey({ caller: ALICE, key: 'k' }, after)).toBeUndefined();
    expect(await callers.claimKey({ caller: ALICE, key: 'k' }, second, after)).toEqual(second);
    expect(await callers.readKey({ caller: ALICE, key: 'k' }, after)).toEqual(second);
  });
}

function quotas(emptyStore: EmptyStore): void {
  it('grants up to the probes of the day, to the last one', async () => {
    const callers = await emptyStore();
    const quota = { probesPerDay: 1_000, scansAtOnce: null };
    expect(await callers.reserve(reservation({ quota, probes: 400 }))).toEqual({ kind: 'granted' });
    expect(await callers.reserve(reservation({ quota, probes: 601 }))).toEqual({ kind: 'day-spent', used: 400 });
    expect(await callers.reserve(reservation({ quota, probes: 600 }))).toEqual({ kind: 'granted' });
    expect(await callers.reserve(reservation({ quota, probes: 1 }))).toEqual({ kind: 'day-spent', used: 1_000 });
  });

  it('begins a new day at midnight UTC', async () => {
    const callers = await emptyStore();
    const quota = { probesPerDay: 1_000, scansAtOnce: null };
    const [last, first] = [epochMillis(NOON + 12 * HOUR - 1), epochMillis(NOON + 12 * HOUR)];
    await callers.reserve(reservation({ quota, probes: 1_000, at: last }));
    expect(await callers.reserve(reservation({ quota, probes: 1, at: last }))).toMatchObject({ kind: 'day-spent' });
    expect(await callers.reserve(reservation({ quota, probes: 1_000, at: first }))).toEqual({ kind: 'granted' });
  });

  it('gives each caller a quota of his own', async () => {
    const callers = await emptyStore();
    await callers.reserve(reservation({ probes: 1_000 }));
    expect(await callers.reserve(reservation({ caller: BOB, probes: 1_000 }))).toEqual({ kind: 'granted' });
  });

  it('has no limit where the quota is null', async () => {
    const callers = await emptyStore();
    const quota = { probesPerDay: null, scansAtOnce: null };
    for (let count = 0; count < 30; count++) {
      const wanted = reservation({ quota, probes: 1_000_000_000 });
      expect(await callers.reserve(wanted)).toEqual({ kind: 'granted' });
    }
  });

  it('lets a caller have so many scans at once, and tells which he has', async () => {
    const callers = await emptyStore();
    const wanted = [1, 2, 3].map((minute) => reservation({ at: epochMillis(NOON + minute) }));
    for (const each of wanted) expect(await callers.reserve(each)).toEqual({ kind: 'granted' });
    const grant = await callers.reserve(reservation());
    expect(grant.kind).toBe('places-taken');
    const held = grant.kind === 'places-taken' ? grant.held : [];
    expect(new Map(held.map(({ scan, since }) => [scan, since]))).toEqual(
      new Map(wanted.map((each) => [each.scan, each.at])),
    );
  });

  it('frees a place, once, and keeps the probes of its scan counted', async () => {
    const callers = await emptyStore();
    const quota = { probesPerDay: 1_000, scansAtOnce: 1 };
    const first = reservation({ quota, probes: 700 });
    await callers.reserve(first);
    await callers.release(ALICE, first.scan);
    await callers.release(ALICE, first.scan);
    await callers.release(ALICE, freshScanId());
    expect(await callers.reserve(reservation({ quota, probes: 301 }))).toEqual({ kind: 'day-spent', used: 700 });
    expect(await callers.reserve(reservation({ quota, probes: 300 }))).toEqual({ kind: 'granted' });
    expect(await callers.reserve(reservation({ quota, probes: 0 }))).toMatchObject({ kind: 'places-taken' });
  });

  it('takes nothing at all where one of the two is wanting', async () => {
    const callers = await emptyStore();
    const quota = { probesPerDay: 1_000, scansAtOnce: 1 };
    const first = reservation({ quota, probes: 400 });
    await callers.reserve(first);
    expect(await callers.reserve(reservation({ quota, probes: 600 }))).toMatchObject({ kind: 'places-taken' });
    expect(await callers.reserve(reservation({ quota, probes: 601 }))).toEqual({ kind: 'day-spent', used: 400 });
    await callers.release(ALICE, first.scan);
    expect(await callers.reserve(reservation({ quota, probes: 600 }))).toEqual({ kind: 'granted' });
  });

  it('counts a scan once, however often it asks', async () => {
    const callers = await emptyStore();
    const quota = { probesPerDay: 1_000, scansAtOnce: 2 };
    const again = reservation({ quota, probes: 600 });
    for (let count = 0; count < 3; count++) expect(await callers.reserve(again)).toEqual({ kind: 'granted' });
    expect(await callers.reserve(reservation({ quota, probes: 400 }))).toEqual({ kind: 'granted' });
  });

  it('grants no more than there is to many at the same time', async () => {
    const callers = await emptyStore();
    const quota = { probesPerDay: 1_000, scansAtOnce: 7 };
    const asked = Array.from({ length: 25 }, () => callers.reserve(reservation({ quota, probes: 200 })));
    const granted = (await Promise.all(asked)).filter(({ kind }) => kind === 'granted');
    expect(granted).toHaveLength(5);
    const places = { probesPerDay: null, scansAtOnce: 7 };
    const more = Array.from({ length: 25 }, () => callers.reserve(reservation({ caller: BOB, quota: places })));
    expect((await Promise.all(more)).filter(({ kind }) => kind === 'granted')).toHaveLength(7);
  });
}
