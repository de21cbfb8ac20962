import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { startSignedDeployment } from '../helpers/signed-deployment.ts';

const run = promisify(execFile);

const SECRETS = { AKIDEXAMPLE: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };

/** The command of docs/api.md that begins like this, as a reader copies it. */
function documented(program: string): string {
  const api = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8');
  const commands = [...api.matchAll(/```\n([^`]*)```/g)].map(([, text = '']) => text.replace(/^ {2}/gm, '').trim());
  return commands.find((command) => command.startsWith(program)) ?? expect.fail(`docs/api.md has no ${program}`);
}

const environment = (url: string, token: string) => ({
  ...{ PATH: process.env['PATH'], HOME: '/nonexistent' },
  ...{ AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: SECRETS.AKIDEXAMPLE, AWS_SESSION_TOKEN: token },
  ...{ REPORT_ENDPOINT: url, PORTFLEET_ENDPOINT: url },
});

const lacks = (program: string, ...args: string[]): boolean => spawnSync(program, args).status !== 0;

describe('The commands of docs/api.md, before a check of signatures,', () => {
  it.skipIf(lacks('curl', '--aws-sigv4', 'aws:amz:x:y', '--version')).each(['', 'FQoDYXdzEXAMPLETOKEN'])(
    'fetch a report with curl, with a session token or without (%j)',
    async (token) => {
      const { url, seen } = await startSignedDeployment({ secrets: SECRETS });
      const env = environment(url, token);
      const post = `curl -sS --aws-sigv4 aws:amz:eu-central-1:execute-api --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" -H "content-type: application/json" -d '{"targets":["192.0.2.7"],"ports":"22,443"}' "$PORTFLEET_ENDPOINT/scans"`;
      const { scanId } = JSON.parse((await run('sh', ['-c', post], { env })).stdout) as { scanId: string };
      const { stdout } = await run('sh', ['-c', documented('curl --aws-sigv4').replace('/ID/', `/${scanId}/`)], {
        env,
      });
      expect(stdout.split('\n')[0]).toContain('host,ip,port');
      expect(seen.map(({ service, isValid }) => [service, isValid])).toEqual([
        ['execute-api', true],
        ['lambda', true],
      ]);
    },
  );

  it.skipIf(lacks('awscurl', '--help'))('submit a scan with awscurl', async () => {
    const { url, seen } = await startSignedDeployment({ secrets: SECRETS });
    const { stdout } = await run('sh', ['-c', documented('awscurl')], { env: environment(url, '') });
    expect(JSON.parse(stdout)).toMatchObject({ status: expect.any(String), probes: 2 });
    expect(seen).toMatchObject([{ service: 'execute-api', isValid: true }]);
  });
});
