import * as z from 'zod/mini';
import { ok } from '../../domain/result.ts';
import type { Route } from '../route.ts';

const healthSchema = z.object({ status: z.literal('ok'), version: z.string() }).check(z.meta({ id: 'Health' }));

export const getHealth: Route = {
  method: 'GET',
  path: '/health',
  id: 'getHealth',
  summary: 'Whether the API and its store answer.',
  isPublic: true,
  answers: [{ status: 200, description: 'They do.', schema: healthSchema }],
  errors: [],
  async handle(context, { store, version }) {
    await store.listScans({ limit: 1 });
    return ok(context.json({ status: 'ok', version }));
  },
};
