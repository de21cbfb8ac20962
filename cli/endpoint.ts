import type { KeptOptions } from './scan-options.ts';
import type { Surroundings } from './context.ts';

/** The endpoint that --endpoint or PORTFLEET_ENDPOINT names; undefined for this machine, which "local" names too. */
export function endpointOf({ endpoint }: KeptOptions, { env }: Surroundings): string | undefined {
  const said = endpoint ?? env['PORTFLEET_ENDPOINT'];
  return said === undefined || said === '' || said === 'local' ? undefined : said;
}
