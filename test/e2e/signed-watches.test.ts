import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { epochMillis, hostKey } from '../../shared/domain/units.ts';
import { newHostRecord } from '../../shared/watch/judge-host.ts';
import { runCommand } from '../helpers/run-command.ts';
import { startSignedDeployment } from '../helpers/signed-deployment.ts';
import { tempDir } from '../helpers/temp-dir.ts';

const SECRETS = { AKIDEXAMPLE: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };

/** A deployment that lets in only what is signed, and the command of a user of it. */
async function user() {
  const deployment = await startSignedDeployment({ secrets: SECRETS });
  const dataDir = tempDir();
  const env = {
    ...{ AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: SECRETS.AKIDEXAMPLE, AWS_REGION: 'eu-central-1' },
    ...{ AWS_EC2_METADATA_DISABLED: 'true', PORTFLEET_ENDPOINT: deployment.url, TZ: 'UTC' },
  };
  /** What the command printed, once it went well. */
  const says = async (...words: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await runCommand(words, { dataDir, env });
    expect([words, code === 0 ? '' : stderr]).toEqual([words, '']);
    return stdout;
  };
  const refuses = async (...words: readonly string[]): Promise<string> => {
    const { code, stderr } = await runCommand(words, { dataDir, env });
    expect([words, code]).toEqual([words, 2]);
    return stderr;
  };
  return { ...deployment, dataDir, says, refuses };
}

describe('The watches of a deployment, by the command', () => {
  it('are added, listed, shown, edited, paused, resumed, run, tested and removed, each request signed', async () => {
    const { says, refuses, seen, paths, watches } = await user();
    const add = ['watch', 'add', '10.0.0.0/28', '-p', '22,443', '--every', '6h', '--name', 'edge store'];
    expect(await refuses(...add)).toContain('edge store');
    expect(await says(...add.slice(0, -1), 'edge', '--notify', 'sns', '--quiet-hours', '22:00-07:00')).toBe('edge\n');
    expect(await says('watch', 'list')).toMatch(/^WATCH .*\nedge /);
    expect(await says('watch', 'show', 'edge')).toContain('10.0.0.0/28');
    expect(await says('watch', 'edit', 'edge', '--every', '1h')).toContain('1h');
    expect(await says('watch', 'pause', 'edge')).toContain('edge is paused');
    expect(await says('watch', 'resume', 'edge')).toContain('edge runs again');
    expect(await says('watch', 'run', 'edge')).toBe('edge is due: the server runs it.\n');
    const [id] = await watches.dueWatches(epochMillis(Date.now() + 1e12), 9);
    expect(id && (await watches.readWatch(id))?.spec).toMatchObject({
      ...{ name: 'edge', notify: ['sns'], schedule: { kind: 'every' } },
    });
    expect(await says('watch', 'test', 'edge')).toContain('sns');
    expect(await refuses('watch', 'run', '--once')).toContain('The server runs what is due by itself.');
    expect(await refuses('watch', 'add', '10.0.0.9', '--notify', 'exec:./x')).toContain('exec');
    expect(await says('watch', 'remove', 'edge')).toContain('edge is removed');
    expect(await refuses('watch', 'show', 'edge')).toContain('edge');
    expect(seen.every(({ isValid, service }) => isValid && service === 'execute-api')).toBe(true);
    expect(seen).toHaveLength(paths.length);
    expect(paths.map((path) => path.replace(/\?.*/, ''))).toEqual(
      expect.arrayContaining(['PUT /watches/edge', 'DELETE /watches/edge', 'POST /watches/edge/test']),
    );
  });

  it('are made what a file says, shown first, and a change is acknowledged', async () => {
    const { says, dataDir, watches } = await user();
    const file = join(dataDir, 'watches.yaml');
    const watchesAre = (text: string): void => writeFileSync(file, `watches:\n${text}`);
    watchesAre(
      '  edge: { targets: [10.0.0.7], every: 6h, notify: [sns] }\n  night: { targets: [10.0.0.8], cron: 0 3 * * * }\n',
    );
    expect(await says('watch', 'apply', file, '--dry-run')).toBe('+ edge\n+ night\n');
    expect(await says('watch', 'list', '--format', 'json')).toContain('"items": []');
    expect(await says('watch', 'apply', file)).toBe('+ edge\n+ night\n');
    watchesAre('  edge: { targets: [10.0.0.7], every: 1h, notify: [sns] }\n');
    expect(await says('watch', 'apply', file)).toBe('~ edge\n- night\n');
    expect(await says('watch', 'apply', file)).toBe('');
    const [id] = await watches.dueWatches(epochMillis(Date.now() + 1e12), 9);
    if (!id) throw new Error('there is no watch');
    const at = epochMillis(1_795_348_800_000);
    await watches.replaceHost(id, {
      ...newHostRecord(hostKey('10.0.0.7')),
      subjects: {
        'port tcp/443': {
          truth: { kind: 'port', state: 'shut' },
          told: { kind: 'port', state: 'open', service: null },
          toldAt: at,
          candidate: null,
        },
      },
      spans: { 'tcp/443': [{ from: at, after: null, to: null, service: null }] },
    });
    expect(await says('history', '10.0.0.7', '443')).toContain('443/tcp on 10.0.0.7 (watch edge)');
    expect(await says('history', '10.0.0.7', '--format', 'json')).toContain('"port": 443');
    const [, alert = ''] = /\[([0-9a-f]{8})\]/.exec(await says('watch', 'show', 'edge')) ?? [];
    expect(await says('watch', 'ack', 'edge', '10.0.0.7')).toBe(`${alert}\n`);
    expect(await says('watch', 'ack', 'edge', 'all')).toBe('');
    expect(await says('watch', 'show', 'edge')).not.toContain(alert);
  });
});
