import { makeApi } from '../../shared/api/app.ts';
import { apiDeps } from '../api/deployed-api.ts';
import { invocation } from '../parts.ts';
import { makeHandler } from './handler.ts';

const deps = apiDeps(process.env);

export const handler = makeHandler(makeApi({ ...deps, mostAnswerBytes: null }), deps.log, invocation.within);
