import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type LocalNode, openLocalNode } from '../../local/local-node.ts';
import { localPlanDeps } from '../../local/plan-deps.ts';
import { makeLocalWatchScans } from '../../local/watches/local-scans.ts';
import { epochMillis, type ScanId, type WatchId } from '../../shared/domain/units.ts';
import { systemClock } from '../../shared/net/system-clock.ts';
import { advanceWatch } from '../../shared/usecases/advance-watch.ts';
import { submitScan } from '../../shared/usecases/send-chunks.ts';
import { messageText } from '../../shared/watch/message-text.ts';
import { httpReceiver } from '../helpers/http-receiver.ts';
import { closedPort, openPort } from '../helpers/ports.ts';
import { runCommand } from '../helpers/run-command.ts';
import { startServe } from '../helpers/running-server.ts';
import { sampleWatch } from '../helpers/sample-watch.ts';
import { tempDir } from '../helpers/temp-dir.ts';

const WORKER = fileURLToPath(new URL('../../dist/worker.cjs', import.meta.url));

/**
 * Real scans by real workers over a real file; only the wall clock that the watch goes by is put forward over the minute
 * between two rounds.
 */
async function lifeOf(node: LocalNode, id: WatchId) {
  let ahead = 0;
  const clock = { ...systemClock, wall: () => epochMillis(systemClock.wall() + ahead) };
  const planning = localPlanDeps(1);
  const running = new Map<ScanId, Promise<unknown>>();
  const carryOut = async (scanId: ScanId) => {
    const scan = await node.store.readScan(scanId);
    if (!scan) throw new Error('the scan is not stored');
    const submitted = await submitScan(scan, { store: node.store, queue: node.queueOf(scanId), clock });
    const how = { workers: 1, workerModule: WORKER, start: 'new', signal: new AbortController().signal } as const;
    await node.run(submitted, {
      ...how,
      events: { onFound: () => {}, onProgress: () => {} },
      log: { info: () => {}, warn: () => {} },
    });
  };
  const scans = makeLocalWatchScans({
    ...{ node, planning, clock },
    carryOut: (scanId) => void running.set(scanId, running.get(scanId) ?? carryOut(scanId)),
  });
  return {
    async run() {
      const before = (await node.watches.readWatch(id))?.runs[0]?.number ?? 0;
      for (;;) {
        await advanceWatch(id, { watches: node.watches, scans, clock, newId: planning.newId });
        const watch = await node.watches.readWatch(id);
        if (!watch) throw new Error('the watch is gone');
        if (watch.phase.kind === 'scanning') await running.get(watch.phase.scan);
        else if ((watch.runs[0]?.number ?? 0) > before) return;
        else ahead += 3_600_000;
      }
    },
    told: async () =>
      [...(await node.watches.listDeliveries(id, 100))].reverse().map(({ message }) =>
        messageText(message)
          .split('\n')[2]
          ?.replace(/, seen .*/, ''),
      ),
  };
}

describe('A watch of this machine', () => {
  it('tells of a port that really opens, and that really closes, and of nothing else', async () => {
    const node = openLocalNode(tempDir());
    onTestFinished(() => node.close());
    await using steady = await openPort();
    const port = await closedPort();
    const watch = sampleWatch({
      spec: { request: { targets: ['127.0.0.1'], ports: `${steady.port},${port}`, timing: 'T4' } },
    });
    await node.watches.createWatch(watch);
    const life = await lifeOf(node, watch.id);
    await life.run();
    await life.run();
    expect(await life.told()).toEqual([]);
    const opened = await openPort(() => {}, { port });
    await life.run();
    await opened[Symbol.asyncDispose]();
    await life.run();
    await life.run();
    expect(await life.told()).toEqual([
      `+ ${port}/tcp on 127.0.0.1 opened`,
      `- ${port}/tcp on 127.0.0.1 closed (was open)`,
    ]);
    const scans = (await node.store.listScans({ limit: 100 })).items.map(({ id }) => id);
    const kept = (await node.watches.readWatch(watch.id))?.runs.flatMap(({ scan }) => scan ?? []);
    expect(new Set(scans)).toEqual(new Set(kept));
  });
});

describe('portfleet watch', () => {
  it('adds, lists, shows, edits, pauses and removes watches', async () => {
    const how = { dataDir: tempDir() };
    const watch = (...words: string[]) => runCommand(['watch', ...words], how);
    const added = await watch(
      'add',
      '127.0.0.1',
      '-p',
      '1-5',
      '--every',
      '6h',
      '--name',
      'edge',
      '--expect',
      '1',
      '--notify',
      'stdout',
    );
    expect([added.code, added.stdout]).toEqual([0, 'edge\n']);
    expect((await watch('list')).stdout).toMatch(/^WATCH.*\nedge +active +- /);
    expect((await watch('add', '::1', '--every', '1h', '--name', 'edge')).stderr).toContain(
      'There is a watch "edge" already.',
    );
    const edited = await watch('edit', 'edge', '--cron', '0 3 * * 1-5', '--zone', 'Europe/Berlin', '-p', '7');
    expect(edited.stdout).toContain('  cron: 0 3 * * 1-5');
    const shown = await watch('show', 'edge', '--format', 'json');
    expect(JSON.parse(shown.stdout)).toMatchObject({
      spec: { targets: ['127.0.0.1'], ports: '7', cron: '0 3 * * 1-5', expect: '1', notify: ['stdout'] },
    });
    expect((await watch('pause', 'edge')).code).toBe(0);
    expect((await watch('list')).stdout).toMatch(/^edge +paused .* -$/m);
    expect((await watch('resume', 'edge')).code).toBe(0);
    expect((await watch('remove', 'edge')).code).toBe(0);
    expect([(await watch('show', 'edge')).code, (await watch('show', 'edge')).stderr.split('\n')[0]]).toEqual([
      2,
      'portfleet: There is no watch "edge".',
    ]);
  });

  it('tells every error of a watch at once, and what actions there are', async () => {
    const how = { dataDir: tempDir() };
    const wrong = await runCommand(
      ['watch', 'add', '127.0.0.1', '-p', '99999', '--every', 'often', '--notify', 'pigeon'],
      how,
    );
    expect(wrong.code).toBe(2);
    for (const place of ['--ports 99999', '--every often', '--notify pigeon']) expect(wrong.stderr).toContain(place);
    expect((await runCommand(['watch', 'dance'], how)).stderr).toContain('Write one of add, list, show');
  });

  it('sends a test, and says what each receiver answered', async () => {
    const how = { dataDir: tempDir() };
    const receiver = await httpReceiver((response) => response.end('thanks'));
    const closed = `http://127.0.0.1:${await closedPort()}/`;
    await runCommand(
      ['watch', 'add', '127.0.0.1', '--every', '6h', '--name', 'edge', '--notify', receiver.url, '--notify', closed],
      how,
    );
    const tested = await runCommand(['watch', 'test', 'edge'], how);
    expect(tested.code).toBe(1);
    expect(tested.stdout).toContain(': delivered: 200 thanks\n');
    expect(tested.stdout).toMatch(/: waiting: .*ECONNREFUSED/);
    expect(JSON.parse(receiver.got[0]?.body ?? '')).toMatchObject({ kind: 'test', watch: { name: 'edge' } });
  });

  it('makes a file of watches true, after showing what it would do', async () => {
    const dataDir = tempDir();
    const file = join(dataDir, 'watches.yaml');
    const apply = async (...more: string[]) =>
      (await runCommand(['watch', 'apply', file, ...more], { dataDir })).stdout;
    const edge =
      '  edge: { targets: [127.0.0.1], ports: "22,443", every: 6h, expect: { ports: 22 }, notify: [stdout] }\n';
    writeFileSync(file, `watches:\n${edge}  night: { targets: ["::1"], cron: "0 3 * * *", zone: UTC }\n`);
    expect(await apply('--dry-run')).toBe('+ edge\n+ night\n');
    expect((await runCommand(['watch', 'list'], { dataDir })).stdout).toBe('');
    expect(await apply()).toBe('+ edge\n+ night\n');
    expect(await apply()).toBe('');
    writeFileSync(file, `watches:\n${edge.replace('6h', '12h')}`);
    expect(await apply()).toBe('~ edge\n- night\n');
    writeFileSync(file, `watches:\n${edge.replace('6h', 'often').replace('targets', 'tragets')}`);
    const wrong = await runCommand(['watch', 'apply', file], { dataDir });
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('"tragets"')]);
    expect(wrong.stderr).toContain('watches.yaml: edge:');
    // Of shape and of meaning, of every watch, at once; and nothing was done.
    writeFileSync(
      file,
      'watches:\n  edge: { targets: 5, every: often }\n  next: { targets: [127.0.0.1], cron: [3] }\n  last: { targets: [127.0.0.1], every: 6h, ports: "x y", colour: red }\n',
    );
    const { stderr } = await runCommand(['watch', 'apply', file], { dataDir });
    const told = stderr
      .split('\n')
      .flatMap(
        (line) => /watches\.yaml: (\w+): .*?"?(targets|often|cron|x y|colour)"?/.exec(line)?.slice(1).join(' ') ?? [],
      );
    expect(told).toEqual(['edge targets', 'edge often', 'next cron', 'last colour', 'last x y']);
    expect((await runCommand(['watch', 'list'], { dataDir })).stdout).toContain('edge');
  });
});

describe('portfleet serve', () => {
  it('keeps the watches of a command that names it, as this machine does', async () => {
    const dataDir = tempDir();
    const server = await startServe(dataDir);
    const there = { dataDir, env: { PORTFLEET_ENDPOINT: server.url } };
    const watch = (...words: string[]) => runCommand(['watch', ...words], there);
    const receiver = await httpReceiver((response) => response.end('thanks'));
    const words = [
      '127.0.0.1',
      '-p',
      '1-5',
      '--cron',
      '0 3 * * *',
      '--zone',
      'Europe/Berlin',
      '--notify',
      receiver.url,
    ];
    const added = await watch('add', ...words, '--name', 'edge');
    expect([added.code, added.stdout]).toEqual([0, 'edge\n']);
    expect((await watch('pause', 'edge')).code).toBe(0);
    expect((await watch('test', 'edge')).stdout).toContain(': delivered: 200 thanks');
    expect((await watch('edit', 'edge', '-p', '7')).stdout).toContain('  ports: 7');
    const here = await runCommand(['watch', 'show', 'edge', '--format', 'json'], { dataDir });
    expect(JSON.parse(here.stdout)).toMatchObject({
      name: 'edge',
      status: 'paused',
      spec: { ports: '7', zone: 'Europe/Berlin' },
    });
    expect((await watch('run', '--once')).code).toBe(2);
    expect((await runCommand(['history', '127.0.0.1'], there)).stderr).toContain('No watch has seen an open port');
    expect((await watch('remove', 'edge')).code).toBe(0);
    expect((await watch('list')).stdout).toBe('');
  });

  it('runs what is due without being asked', async () => {
    const dataDir = tempDir();
    await runCommand(['watch', 'add', '127.0.0.1', '-p', '1-5', '--every', '6h', '--name', 'edge'], { dataDir });
    const server = await startServe(dataDir);
    await server.printed('"event":"scan-ended"');
    const { stdout } = await runCommand(['watch', 'show', 'edge', '--format', 'json'], { dataDir });
    expect(JSON.parse(stdout)).toMatchObject({ name: 'edge', phase: expect.stringMatching(/scanning|between-rounds/) });
  });
});

describe('portfleet history', () => {
  it('says where no watch has seen the host', async () => {
    const none = await runCommand(['history', 'web.internal'], { dataDir: tempDir() });
    expect([none.code, none.stderr.split('\n')[0]]).toEqual([
      2,
      'portfleet: No watch has seen an open port of "web.internal".',
    ]);
    expect((await runCommand(['history', 'web.internal', 'http'], { dataDir: tempDir() })).code).toBe(2);
  });
});

describe('The units of systemd in the documentation', () => {
  const missing = spawnSync('systemd-analyze', ['--version']).status !== 0;
  if (missing) console.warn('The units of systemd are not verified: there is no systemd-analyze here');

  it.skipIf(missing)('are what systemd takes, and run what is due', () => {
    const directory = tempDir();
    const page = readFileSync(new URL('../../docs/watch.md', import.meta.url), 'utf8');
    const units = [...page.matchAll(/```ini\n# ~\/\.config\/systemd\/user\/(\S+)\n(.*?)```/gs)];
    for (const [, name = '', text = ''] of units) writeFileSync(join(directory, name), text);
    const names = units.map(([, name = '']) => name);
    expect(names).toEqual(['portfleet-watch.service', 'portfleet-watch.timer']);
    /** What systemd finds amiss with these units. */
    const verify = (...which: readonly string[]): string => {
      const paths = which.map((name) => join(directory, name));
      const env = { ...process.env, XDG_RUNTIME_DIR: directory };
      const { stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--user', ...paths], {
        env,
        encoding: 'utf8',
      });
      return `${stdout}${stderr}`;
    };
    expect(verify(...names)).toBe('');
    const timer = units[1]?.[2] ?? '';
    writeFileSync(join(directory, 'portfleet-watch.timer'), timer.replace('=5min', '=5 whiles'));
    expect(verify('portfleet-watch.timer')).toContain('5 whiles');
    expect(units[0]?.[2]).toContain('portfleet watch run --once');
  });
});
