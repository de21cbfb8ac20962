import type { ApiDeps } from '../../shared/api/api-deps.ts';
import { makeApi } from '../../shared/api/app.ts';
import { readServiceNames } from '../../shared/domain/registry/services.ts';

/*
 * What the first request of a kind would else have to wait for, and all others behind it: the runtime reads its parts for
 * requests and for numbers when they are first used (50 ms), the registry is read (50 ms), and code that never ran takes
 * three times as long as code that did. So a server reads a few requests of each kind before it listens. None of them is
 * stored, and no name is looked up.
 */

/** Enough for the compiler to take a parser for one that is used: with a hundred, a first request still takes up to twice as long. */
const ITEMS = 400;

const times = (item: (index: number) => string): string[] => Array.from({ length: ITEMS }, (_, index) => item(index));

const ipv6 = times((at) => `2001:db8::${at.toString(16)}`);
const targets = times((at) => `10.0.${at >> 4}.${at & 15}`);

const SCANS: readonly object[] = [
  { targets, exclude: targets.slice(1), ports: `${times((at) => `${at},${at}-${at + 9},http${at % 3}*,ssh`).join()}` },
  { targets: times(() => '10.0.0.256'), exclude: times((at) => `::${at}::`), ports: times((at) => `h${at},,x`).join() },
  {
    targets: times((at) => `224.0.0.0/${4 + (at % 28)}`),
    exclude: times((at) => `224.0.${at}.1-9`),
    ports: 'T:[1-],U:53',
  },
  {
    targets: [...ipv6, ...ipv6.map((each) => `${each}/120`), ...times((at) => `fe80::1%e${at}`)],
    exclude: ipv6,
    ports: '-',
  },
  { targets: times((at) => `${at % 250}.1-3.0,2.7-`), ports: '80' },
  {
    targets: times(() => '10.0.0.1').map(Number),
    ...Object.fromEntries(times((at) => `f${at}`).map((name) => [name, 1])),
  },
];

/** A watch without a name is read to its end, and is not kept. */
const WATCHES: readonly object[] = [
  { targets, every: '6h', expect: { targets: Object.fromEntries(targets.map((name, at) => [name, [at, 'ssh']])) } },
  { targets, cron: '*/5 1-3 * * 1,2', zone: 'UTC', expect: times((at) => `${at}`).join() },
];

/** Makes a server ready to answer its first request as fast as its hundredth. */
export async function warmUp(deps: ApiDeps): Promise<void> {
  readServiceNames();
  const api = makeApi({ ...deps, log: { info: () => {}, warn: () => {} } });
  const read = async (path: string, body: object): Promise<void> => {
    const headers = { 'content-type': 'application/json' };
    await (await api.request(path, { method: 'POST', headers, body: JSON.stringify(body) })).text();
  };
  for (const body of SCANS) await read('/scans?dryRun=true', body);
  for (const body of WATCHES) await read('/watches', body);
}
