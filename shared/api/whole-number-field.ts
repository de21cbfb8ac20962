import * as z from 'zod/mini';

/** A parameter that counts: a whole number from 1 to `most`, without sign, spaces or exponent. */
export const wholeNumberField = (of: string, most: number) => ({
  schema: z.pipe(
    z.string().check(z.regex(/^\d{1,9}$/)),
    z.pipe(z.transform(Number), z.int().check(z.gte(1), z.lte(most))),
  ),
  takes: `how many ${of}, from 1 to ${most}`,
});
