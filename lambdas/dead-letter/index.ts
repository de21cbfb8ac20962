import { invocation, makeParts } from '../parts.ts';
import { makeHandler } from './handler.ts';

const parts = makeParts(process.env);
parts.env.check();

export const handler = invocation.within(makeHandler(parts));
