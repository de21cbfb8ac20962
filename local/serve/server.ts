import type { HttpBindings } from '@hono/node-server';
import type { ApiDeps } from '../../shared/api/api-deps.ts';
import { makeApi } from '../../shared/api/app.ts';
import type { Scan, Submitter } from '../../shared/domain/scan.ts';
import type { Quota } from '../../shared/seams/caller-store.ts';
import type { PlanDeps } from '../../shared/usecases/plan-scan.ts';
import type { LocalNode } from '../local-node.ts';
import { manageDeps } from '../watches/manage-deps.ts';
import { type GateDeps, openGate, type RunningServer } from './gate.ts';
import type { Backend } from './page-routes.ts';
import { makeScanEvents } from './scan-events.ts';
import type { ScanRunner } from './scan-runner.ts';
import { warmUp } from './warm-up.ts';

export interface ServerDeps extends Omit<GateDeps, 'clock'> {
  readonly node: LocalNode;
  readonly runner: ScanRunner;
  readonly planning: PlanDeps;
  readonly quota: Quota;
}

/** What was read and compiled once serves every server of this process. */
let warm: Promise<void> | undefined;

/** Whoever has the token is the user of this machine. */
const submitterOf = (environment: unknown): Submitter => ({
  caller: 'local',
  sourceAddress: (environment as HttpBindings).incoming.socket.remoteAddress ?? null,
});

/**
 * The HTTP API and the page on one address of this machine, over the scans of this user.
 *
 * @param host an address of loopback; see `readHost`
 * @param port 0 for one that is free
 * @throws PortfleetError LISTEN_FAILED
 */
export async function startServer(deps: ServerDeps, host: string, port: number): Promise<RunningServer> {
  const { node, runner, planning } = deps;
  const parts: ApiDeps = {
    ...deps,
    ...planning,
    store: node.store,
    callers: node.callers,
    submit: async (scan: Scan) => {
      runner.enqueue(scan.id);
      return scan;
    },
    sendAgain: async ({ id }) => runner.enqueue(id),
    wake: async ({ id }) => {
      if (node.isRun(id)) return false;
      runner.enqueue(id);
      return true;
    },
    chunksHeld: async ({ id }) => (node.isRun(id) ? node.chunksHeld(id) : null),
    submitterOf,
    watching: { ...manageDeps(node, planning.clock), place: 'server' },
    prices: null,
    mostAnswerBytes: null,
  };
  warm ??= warmUp(parts);
  await warm;
  const api = makeApi(parts);
  const backend: Backend = {
    fetch: async (request, environment) => api.fetch(request, environment),
    endpoint: null,
    events: makeScanEvents(node),
  };
  return openGate({ ...deps, clock: planning.clock }, backend, host, port);
}
