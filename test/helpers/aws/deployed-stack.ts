import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { makeSigner } from '../../../cli/remote/sign-request.ts';
import { NOBODY } from './emulator.ts';
import type { Ministack } from './ministack.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const CDK = join(dirname(createRequire(import.meta.url).resolve('aws-cdk/package.json')), 'bin/cdk');

/** The stack with leave to ask loopback; everything else of it is what a person deploys. */
const APP = ['--app', 'node scripts/synth.mjs test/deploy/app.ts', '-c', 'scope=127.0.0.0/8'];

/** Runs the `cdk` command against the emulator, and nothing else: no notices, no telemetry, no settings of anybody's. */
export async function cdk(ministack: Ministack, ...words: string[]): Promise<string> {
  const env = {
    ...NOBODY,
    PATH: process.env['PATH'],
    HOME: ministack.folder,
    CI: 'true',
    AWS_ENDPOINT_URL: ministack.endpoint,
    AWS_EC2_METADATA_DISABLED: 'true',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
  };
  const args = [CDK, ...words, ...APP, '--no-notices', '--output', join(ministack.folder, 'cdk.out')];
  const { stdout, stderr } = await run(process.execPath, args, { cwd: ROOT, env, maxBuffer: 2 ** 26 });
  return stdout + stderr;
}

/** An answer of the deployed API. */
export interface StackAnswer {
  readonly status: number;
  readonly body: unknown;
}

export type CallApi = (
  method: string,
  path: string,
  more?: { readonly body?: unknown; readonly headers?: Readonly<Record<string, string>>; readonly unsigned?: boolean },
) => Promise<StackAnswer>;

/** A stack in the emulator: where its API is, and a way to call it with the signatures that the command makes. */
export interface DeployedStack {
  readonly url: string;
  readonly call: CallApi;
}

/** Bootstraps and deploys. */
export async function deploy(ministack: Ministack): Promise<DeployedStack> {
  await cdk(ministack, 'bootstrap', `aws://${NOBODY.AWS_ACCESS_KEY_ID}/${NOBODY.AWS_REGION}`);
  const outputs = join(ministack.folder, 'outputs.json');
  await cdk(ministack, 'deploy', '--require-approval', 'never', '--outputs-file', outputs);
  const { Portfleet } = JSON.parse(readFileSync(outputs, 'utf8')) as { Portfleet: { Endpoint: string } };
  const api = new URL(Portfleet.Endpoint).hostname.split('.')[0];
  // Where the emulator serves the API that AWS would have under the name in the output.
  const base = `${ministack.endpoint}/_aws/execute-api/${api}/$default`;
  Object.assign(process.env, NOBODY);
  const { host } = new URL(base);
  const endpoint = { url: base, host, isLoopback: true, port: ministack.port, region: NOBODY.AWS_REGION } as const;
  const sign = await makeSigner({ ...endpoint, service: 'execute-api' });
  const call: CallApi = async (method, path, { body, headers = {}, unsigned = false } = {}) => {
    const url = new URL(base + path);
    const text = body === undefined ? undefined : JSON.stringify(body);
    const plain = { ...headers, ...(text !== undefined && { 'content-type': 'application/json' }) };
    const sent = unsigned ? plain : await sign({ method, url, headers: plain, body: text });
    const answer = await fetch(url, { method, headers: sent, ...(text !== undefined && { body: text }) });
    const said = await answer.text();
    const isJson = said !== '' && answer.headers.get('content-type')?.includes('json');
    return { status: answer.status, body: isJson ? JSON.parse(said) : said };
  };
  return { url: base, call };
}
