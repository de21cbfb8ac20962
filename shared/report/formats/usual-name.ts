import type { Service } from '../../domain/finding.ts';
import type { PortAt } from '../../domain/port-set.ts';
import { usualService } from '../../domain/registry/services.ts';

/**
 * What engineers expect on the port where the registry says something else; always beside the registered name, never
 * in its place. Undefined where the service itself was asked: then it is known what it is.
 */
export const usualNameOf = ({ protocol, port }: PortAt, service: Service | undefined): string | undefined =>
  service?.method === 'probed' ? undefined : usualService(protocol, port);
