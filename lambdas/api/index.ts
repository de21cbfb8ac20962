import { handle } from 'hono/aws-lambda';
import { makeApi } from '../../shared/api/app.ts';
import { invocation } from '../parts.ts';
import { apiDeps } from './deployed-api.ts';

export const handler = invocation.within(handle(makeApi(apiDeps(process.env))));
