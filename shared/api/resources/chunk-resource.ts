import * as z from 'zod/mini';
import type { Finding } from '../../domain/finding.ts';
import type { NamesOfAddresses } from '../../domain/reverse-names.ts';
import type { Verdict } from '../../domain/verdict.ts';
import type { ChunkView } from '../../usecases/list-chunks.ts';
import { type FindingResource, findingSchema, portResource } from './port-resource.ts';
import { shows } from './shows.ts';

const count = z.int().check(z.gte(0));

const chunkSchema = z
  .object({
    chunk: count.check(z.meta({ description: 'Its number; the plan says which addresses and ports it holds.' })),
    pending: count.check(z.meta({ description: 'Probes without a verdict; a chunk with none never changes again.' })),
    runs: z
      .array(z.tuple([count, shows<Verdict>(z.string())]))
      .check(z.meta({ description: 'Every probe of the chunk, address by address, as [how many, verdict].' })),
    open: z.array(findingSchema),
    openLeftOut: count.check(z.meta({ description: 'Open ports of the chunk that "open" has no place for.' })),
    reverseNames: z
      .optional(shows<NamesOfAddresses>(z.record(z.string(), z.array(z.string()))))
      .check(z.meta({ description: 'The names that DNS has for addresses of "open", where they were looked up.' })),
  })
  .check(z.meta({ id: 'ChunkView' }));

export const chunkListSchema = z
  .object({
    items: z.array(chunkSchema),
    next: z
      .nullable(z.int())
      .check(z.meta({ description: 'The first chunk of the next page; null on the last page.' })),
  })
  .check(z.meta({ id: 'ChunkList' }));

export interface ChunkResource extends Omit<ChunkView, 'open'> {
  readonly open: readonly FindingResource[];
}

export interface ChunkListResource {
  readonly items: readonly ChunkResource[];
  readonly next: number | null;
}

export const chunkResource = ({ open, ...view }: ChunkView): ChunkResource => ({
  ...view,
  open: open.map((finding: Finding) => portResource({ kind: 'finding', finding }) as FindingResource),
});
