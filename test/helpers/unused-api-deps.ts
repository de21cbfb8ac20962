import type { ApiDeps } from '../../shared/api/api-deps.ts';

/** For a test of what the API is made of, which carries out no request: whatever is touched throws. */
export const unusedApiDeps = (): ApiDeps =>
  new Proxy({} as ApiDeps, {
    get(_, name) {
      throw new Error(`the API touched "${String(name)}" before any request`);
    },
  });
