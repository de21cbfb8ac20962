import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DEPLOYED_POLICY } from '../../shared/request/target-policy.ts';
import { closedPort } from '../helpers/ports.ts';
import { runCommand } from '../helpers/run-command.ts';
import { startSignedDeployment } from '../helpers/signed-deployment.ts';
import { tempDir } from '../helpers/temp-dir.ts';

const KEY = 'AKIDEXAMPLE';
const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const SECRETS = { [KEY]: SECRET };

/** The chain must not look for a machine's own role here. */
const NO_METADATA = { AWS_EC2_METADATA_DISABLED: 'true' };
const REGION = { AWS_REGION: 'eu-central-1', ...NO_METADATA };
const BY_ENVIRONMENT = { AWS_ACCESS_KEY_ID: KEY, AWS_SECRET_ACCESS_KEY: SECRET, ...REGION };

const SCAN = ['scan', '10.0.0.1', '-p', '1-100', '--utc'];

/** Files of the user's home, as the AWS command line keeps them. */
function awsFiles(home: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(home, '.aws', name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, text);
  }
}

describe('The command, against a deployment', () => {
  it('signs each request so that a receiver who knows the secret agrees, whatever is asked for', async () => {
    const { url, seen, paths } = await startSignedDeployment({ secrets: SECRETS });
    const dataDir = tempDir();
    const env = { ...BY_ENVIRONMENT, PORTFLEET_ENDPOINT: url };
    const scanned = await runCommand(SCAN, { dataDir, env });
    expect([scanned.code, scanned.stderr]).toEqual([0, '']);
    expect(scanned.stdout).toContain('100 of 100 probed');
    const id = /scan (\w{26})/.exec(scanned.stdout)?.[1] ?? '';
    expect((await runCommand(['list'], { dataDir, env })).stdout).toContain(id);
    const shown = await runCommand(['show', id.slice(0, 12), '--format', 'json'], { dataDir, env });
    expect(shown.stdout).toContain('"status":"complete"');
    const again = await runCommand(['cancel', id], { dataDir, env });
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('it is complete')]);
    expect(
      seen.every(({ isValid, region, service }) => isValid && region === 'eu-central-1' && service === 'execute-api'),
    ).toBe(true);
    expect(
      seen.every(({ signedHeaders }) => signedHeaders.includes('host') && signedHeaders.includes('x-amz-date')),
    ).toBe(true);
    expect(seen).toHaveLength(paths.length);
    expect(paths).toContain(`GET /scans?limit=2&prefix=${id.slice(0, 12)}`);
  });

  it('tells the cost beside the time on a dry run', async () => {
    const { url } = await startSignedDeployment({ secrets: SECRETS });
    const words = ['scan', '10.0.0.0/24', '--endpoint', url, '--dry-run'];
    const { code, stdout } = await runCommand(words, { dataDir: tempDir(), env: BY_ENVIRONMENT });
    expect(code).toBe(0);
    expect(stdout).toMatch(/Cost +\$\d+\.\d+ to \$\d+\.\d+, by the list/);
    expect(stdout).toContain('Nothing was probed.');
  });

  it('prints the id and leaves with --no-wait', async () => {
    const { url } = await startSignedDeployment({ secrets: SECRETS });
    const words = [...SCAN, '--endpoint', url, '--no-wait'];
    const { code, stdout, stderr } = await runCommand(words, { dataDir: tempDir(), env: BY_ENVIRONMENT });
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^\w{26}\n$/)]);
    expect(stderr).toContain(`portfleet show ${stdout.trim()}`);
  });

  it('repeats a request that a gateway could not pass on, and it stays one scan', async () => {
    const { url, paths } = await startSignedDeployment({ secrets: SECRETS, hiccups: [503, 504] });
    const env = { ...BY_ENVIRONMENT, PORTFLEET_ENDPOINT: url };
    const dataDir = tempDir();
    expect((await runCommand([...SCAN, '--quiet'], { dataDir, env })).code).toBe(0);
    expect(paths.filter((path) => path === 'POST /scans')).toHaveLength(3);
    expect((await runCommand(['list'], { dataDir, env })).stdout.trim().split('\n')).toHaveLength(2);
  });
});

describe('Credentials of the command', () => {
  const lookUp = async (env: Record<string, string>, home: string) => {
    const deployment = await startSignedDeployment({ secrets: SECRETS });
    const ended = await runCommand(['list', '--endpoint', deployment.url], { dataDir: home, env });
    return { ...ended, seen: deployment.seen };
  };

  it('come from a profile, with its region', async () => {
    const home = tempDir();
    awsFiles(home, {
      credentials: `[other]\naws_access_key_id = x\naws_secret_access_key = y\n[work]\naws_access_key_id = ${KEY}\naws_secret_access_key = ${SECRET}\n`,
      config: '[profile work]\nregion = ap-south-1\n',
    });
    const { code, stderr, seen } = await lookUp({ AWS_PROFILE: 'work', ...NO_METADATA }, home);
    expect([code, stderr]).toEqual([0, expect.stringContaining('There is no scan yet')]);
    expect(seen).toMatchObject([{ accessKey: KEY, region: 'ap-south-1' }]);
  });

  it('come from a process that a profile names', async () => {
    const home = tempDir();
    const answer = JSON.stringify({ Version: 1, AccessKeyId: KEY, SecretAccessKey: SECRET });
    awsFiles(home, {
      'answer.json': answer,
      config: `[profile work]\ncredential_process = cat ${home}/.aws/answer.json\n`,
    });
    const { code, seen } = await lookUp({ AWS_PROFILE: 'work', ...REGION }, home);
    expect([code, seen.length]).toEqual([0, 1]);
  });

  it('come from the cache of "aws sso login", exchanged for those of the role', async () => {
    const home = tempDir();
    const asked: (string | undefined)[] = [];
    const portal = createServer((request, response) => {
      asked.push(`${request.url} ${request.headers['x-amz-sso_bearer_token']}`);
      const roleCredentials = {
        accessKeyId: KEY,
        secretAccessKey: SECRET,
        sessionToken: 'session',
        expiration: Date.now() + 3_600_000,
      };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ roleCredentials }));
    }).listen(0, '127.0.0.1');
    onTestFinished(() => void portal.close());
    await once(portal, 'listening');
    ssoProfile(home, new Date(Date.now() + 3_600_000));
    const endpoint = { AWS_ENDPOINT_URL_SSO: `http://127.0.0.1:${(portal.address() as AddressInfo).port}` };
    const { code, stderr, seen } = await lookUp({ AWS_PROFILE: 'work', ...REGION, ...endpoint }, home);
    expect([code, stderr]).toEqual([0, expect.stringContaining('There is no scan yet')]);
    expect(asked).toEqual([expect.stringMatching(/account_id=111122223333.* the-token$/)]);
    expect(seen[0]?.signedHeaders).toContain('x-amz-security-token');
  });

  it('are missing, which the command says with what mends it', async () => {
    const { code, stdout, stderr, seen } = await lookUp(REGION, tempDir());
    expect([code, stdout, seen]).toEqual([1, '', []]);
    expect(stderr).toContain('No AWS credentials');
    expect(stderr).toContain('aws sso login');
  });

  it('have run out, which the command says with what mends it', async () => {
    const home = tempDir();
    ssoProfile(home, new Date(Date.now() - 1_000));
    const { code, stderr } = await lookUp({ AWS_PROFILE: 'work', ...REGION }, home);
    expect(code).toBe(1);
    expect(stderr).toContain('aws sso login');
  });

  it('are not those that the deployment lets in', async () => {
    const env = { ...BY_ENVIRONMENT, AWS_SECRET_ACCESS_KEY: 'wrong' };
    const { code, stderr } = await lookUp(env, tempDir());
    expect(code).toBe(1);
    expect(stderr).toMatch(/does not let these credentials in: Forbidden[\s\S]*execute-api:Invoke/);
  });

  it('are of no use without a region', async () => {
    const { AWS_REGION: _, ...env } = BY_ENVIRONMENT;
    const { code, stderr } = await lookUp(env, tempDir());
    expect([code, stderr]).toEqual([1, expect.stringContaining('AWS_REGION')]);
  });
});

describe('What a deployment refuses', () => {
  it('is told in the words of the command line: scope, and the place of the target', async () => {
    const { url } = await startSignedDeployment({
      secrets: SECRETS,
      policy: { ...DEPLOYED_POLICY, allowPrivate: true },
    });
    const { code, stdout, stderr } = await runCommand(
      ['scan', '10.0.0.1', '--exclude', '10.9.9.9', '--endpoint', url],
      {
        dataDir: tempDir(),
        env: BY_ENVIRONMENT,
      },
    );
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/scope of this deployment is empty[\s\S]*target 10\.0\.0\.1\n[\s\S]*cdk context/);
  });

  it('is the quota, with when to come back', async () => {
    const { url } = await startSignedDeployment({ secrets: SECRETS, quota: { probesPerDay: 50, scansAtOnce: null } });
    const { code, stderr } = await runCommand([...SCAN, '--endpoint', url], {
      dataDir: tempDir(),
      env: BY_ENVIRONMENT,
    });
    expect([code, stderr]).toEqual([1, expect.stringContaining('dailyProbeQuota')]);
  });

  it('is found before anything is sent where the command can tell by itself', async () => {
    const { url, paths } = await startSignedDeployment({ secrets: SECRETS });
    const words = ['scan', '10.0.0.1', '-p', '70000', '--workers', '2', '--endpoint', url];
    const { code, stderr } = await runCommand(words, { dataDir: tempDir(), env: BY_ENVIRONMENT });
    expect([code, paths]).toEqual([2, []]);
    for (const part of ['70000', '--workers']) expect(stderr).toContain(part);
  });
});

describe('An endpoint', () => {
  it.each([
    'ftp://x.example',
    'http://api.example.com',
    'https://user:pass@x.example',
    'nonsense',
    'https://x.example/?a=b',
  ])('is not %s', async (endpoint) => {
    const { code, stderr } = await runCommand(['list', '--endpoint', endpoint], { dataDir: tempDir() });
    expect([code, stderr]).toEqual([1, expect.stringContaining('cdk deploy')]);
  });

  it('that does not answer is told after some tries', async () => {
    const endpoint = `http://127.0.0.1:${await closedPort()}`;
    const { code, stderr } = await runCommand(['list', '--endpoint', endpoint], {
      dataDir: tempDir(),
      env: BY_ENVIRONMENT,
    });
    expect([code, stderr]).toEqual([1, expect.stringContaining(`${endpoint} does not answer`)]);
  });

  it('is this machine under the name "local", whatever the environment says', async () => {
    const env = { PORTFLEET_ENDPOINT: 'https://nowhere.example' };
    const { code, stderr } = await runCommand(['list', '--endpoint', 'local'], { dataDir: tempDir(), env });
    expect([code, stderr]).toEqual([0, expect.stringContaining('There is no scan yet')]);
  });
});

/** A profile of SSO, with the token that "aws sso login" leaves behind. */
function ssoProfile(home: string, expiresAt: Date): void {
  const session = createHash('sha1').update('corp').digest('hex');
  awsFiles(home, {
    config:
      '[profile work]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = Scanner\n' +
      '[sso-session corp]\nsso_region = eu-central-1\nsso_start_url = https://corp.awsapps.com/start\n',
    [`sso/cache/${session}.json`]: JSON.stringify({ accessToken: 'the-token', expiresAt: expiresAt.toISOString() }),
  });
}
