import type * as z from 'zod/mini';

/**
 * A schema for a type of the domain. It looks at the shape and lets members through that it does not name, so that an
 * older reader loses nothing; brands (`Millis`, `Address`) are of the compiler alone, which takes our word for them.
 */
export const shows = <Value>(schema: z.ZodMiniType): z.ZodMiniType<Value> => schema as z.ZodMiniType<Value>;
