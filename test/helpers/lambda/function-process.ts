import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

/** A bundle and how it is run: as Lambda would, with the descriptors and the time that Lambda gives. */
export interface FunctionSpec {
  /** The folder of the bundle, with index.mjs in it. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMillis: number;
  /** The limit of open files; Lambda's is 1,024. */
  readonly descriptors: number;
  /** Files that its process writes its id to before it starts: the control groups that it is to be in. */
  readonly groups?: readonly string[];
  /** The file that this function, and no other, has as its /etc/resolv.conf; takes root. */
  readonly resolvConf?: string;
  /** Told of each event as it is handed out, of the process that gets it, and how many it and its like have had. */
  readonly onEvent?: (pid: number, count: number) => void;
}

/** What came of an invocation, as Lambda tells it to an event source. */
export type Invoked =
  | { readonly kind: 'response'; readonly value: unknown }
  | { readonly kind: 'error'; readonly errorType: string; readonly errorMessage: string }
  /** Killed at the end of its time. */
  | { readonly kind: 'timed-out' }
  /** The process went away by itself. */
  | { readonly kind: 'crashed' };

/**
 *   cold ──invoke──▶ busy ──response, error──▶ warm ──invoke──▶ busy
 *     ▲                └── timeout, crash ──┐
 *     └─────────────────────────────────────┘
 *
 * One function, one process, one event at a time. A process that died is replaced at the next event.
 */
export interface FunctionProcess {
  invoke(event: unknown): Promise<Invoked>;
  /** Of the process there is now. */
  pid(): number | undefined;
  /** All that its processes have printed. */
  output(): string;
  stop(): Promise<void>;
}

interface Invocation {
  readonly event: unknown;
  readonly settle: (how: Invoked) => void;
}

const BOOTSTRAP = fileURLToPath(new URL('./bootstrap.mjs', import.meta.url));

export async function startFunction(spec: FunctionSpec): Promise<FunctionProcess> {
  const state: State = { spec, child: null, waiting: null, next: null, current: null, count: 0, output: '' };
  const server = createServer((request, response) => void serve(state, request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    invoke: (event) => invoke(state, event, `127.0.0.1:${port}`),
    pid: () => state.child?.pid,
    output: () => state.output,
    stop: () => stop(state, server),
  };
}

interface State {
  readonly spec: FunctionSpec;
  child: ChildProcess | null;
  /** The runtime's long poll, while nothing is to be done. */
  waiting: ServerResponse | null;
  /** An event that the runtime has not fetched yet, because it is only starting. */
  next: Invocation | null;
  current: Invocation | null;
  count: number;
  output: string;
}

/** None of them outlives the process that started it. */
const alive = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

async function invoke(state: State, event: unknown, api: string): Promise<Invoked> {
  state.child ??= spawnRuntime(state, api);
  const { child } = state;
  const how = await new Promise<Invoked>((resolve) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      settle({ kind: 'timed-out' });
    }, state.spec.timeoutMillis);
    const gone = (): void => settle({ kind: 'crashed' });
    child.once('exit', gone);
    const settle = (result: Invoked): void => {
      clearTimeout(timer);
      child.off('exit', gone);
      resolve(result);
    };
    state.next = { event, settle };
    handOut(state);
  });
  state.current = null;
  state.next = null;
  if (how.kind === 'timed-out' && child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return how;
}

function spawnRuntime(state: State, api: string): ChildProcess {
  const { folder, environment, descriptors, groups = [], resolvConf } = state.spec;
  const joins = groups.map((file) => `echo $$ > '${file}' && `).join('');
  const mount = resolvConf === undefined ? '' : `mount --bind '${resolvConf}' /etc/resolv.conf && `;
  const command = `${mount}${joins}ulimit -n ${descriptors} && exec "$0" "$@"`;
  const [program = '', ...before] = resolvConf === undefined ? ['sh'] : ['unshare', '-m', 'sh'];
  const args = [
    ...before,
    '-c',
    command,
    process.execPath,
    '--no-warnings',
    BOOTSTRAP,
    `${folder}/index.mjs`,
    'handler',
  ];
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], ...environment, AWS_LAMBDA_RUNTIME_API: api, LAMBDA_TASK_ROOT: folder },
  });
  const keep = (text: Buffer): void => {
    state.output += text;
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  alive.add(child);
  child.once('exit', () => {
    alive.delete(child);
    if (state.child === child) [state.child, state.waiting] = [null, null];
  });
  return child;
}

/** Gives the event to the runtime, if there is one and it has asked. */
function handOut(state: State): void {
  const { next, waiting, spec } = state;
  if (!next || !waiting) return;
  state.count += 1;
  [state.current, state.next, state.waiting] = [next, null, null];
  if (state.child?.pid) spec.onEvent?.(state.child.pid, state.count);
  waiting.setHeader('lambda-runtime-aws-request-id', `invocation-${state.count}`);
  waiting.setHeader('lambda-runtime-deadline-ms', `${Date.now() + spec.timeoutMillis}`);
  waiting.end(JSON.stringify(next.event));
}

async function serve(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.url?.endsWith('/invocation/next')) {
    state.waiting = response;
    response.once('close', () => {
      if (state.waiting === response) state.waiting = null;
    });
    return handOut(state);
  }
  let body = '';
  for await (const part of request) body += part;
  const value: unknown = JSON.parse(body || 'null');
  response.end('{}');
  if (request.url?.endsWith('/response')) state.current?.settle({ kind: 'response', value });
  else
    (state.current ?? state.next)?.settle({ kind: 'error', ...(value as { errorType: string; errorMessage: string }) });
}

async function stop(state: State, server: Server): Promise<void> {
  const { child } = state;
  if (child && child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  server.close();
  server.closeAllConnections();
}
