import type { Endpoint } from './endpoint-url.ts';
import type { Authorise } from './sign-request.ts';

/** With the token of "portfleet serve". */
export const bearer =
  (token: string): Authorise =>
  async ({ headers }) => ({ ...headers, authorization: `Bearer ${token}` });

/** With a signature; what makes it is loaded for the first request, and credentials are looked up then. */
export function signature(endpoint: Endpoint): Authorise {
  let signing: Promise<Authorise> | undefined;
  return async (request) => {
    signing ??= import('./sign-request.ts').then(({ makeSigner }) => makeSigner(endpoint));
    return (await signing)(request);
  };
}
