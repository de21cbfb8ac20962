import { handle } from 'hono/aws-lambda';
import { makeApi } from '../../shared/api/app.ts';
import { apiDeps } from './deployed-api.ts';

export const handler = handle(makeApi(apiDeps(process.env)));
