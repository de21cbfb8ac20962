import type { Address } from '../../shared/domain/units.ts';
import type { Resolver } from '../../shared/seams/resolver.ts';

/** What the API asks of a worker that stands in a VPC: the addresses of a name, as they are there. */
export interface ResolveRequest {
  readonly resolve: string;
}

export const isResolveRequest = (event: unknown): event is ResolveRequest =>
  typeof event === 'object' && event !== null && typeof (event as Partial<ResolveRequest>).resolve === 'string';

export const resolveHere = ({ resolve }: ResolveRequest, resolver: Resolver): Promise<readonly Address[]> =>
  resolver.resolve(resolve);
