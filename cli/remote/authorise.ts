import type { Endpoint } from './endpoint-url.ts';

/** A request as it will be sent, before it says who sends it. */
export interface UnsignedRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** The headers of the request, with those that say who sends it. */
export type Authorise = (request: UnsignedRequest) => Promise<Record<string, string>>;

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
