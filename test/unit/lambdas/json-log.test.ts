import { describe, expect, it } from 'vitest';
import { makeInvocation, makeJsonLog } from '../../../lambdas/json-log.ts';

describe('A line of the log of a function', () => {
  it('has the names of Powertools: the request, whether it started cold, and the scan', () => {
    const lines: unknown[] = [];
    const invocation = makeInvocation();
    const log = makeJsonLog(
      (line) => lines.push(JSON.parse(line)),
      () => 1_795_348_800_000,
      invocation,
    );
    const handler = invocation.within((event: string, _context: { readonly awsRequestId: string }) => {
      log.info('chunk-ended', { scan: event, chunk: 7 });
      log.warn('odd');
    });
    handler('01M8', { awsRequestId: 'first' });
    handler('01M9', { awsRequestId: 'second' });
    const common = { timestamp: '2026-11-22T12:00:00.000Z', service: 'portfleet' };
    expect(lines).toEqual([
      {
        level: 'INFO',
        message: 'chunk-ended',
        ...common,
        function_request_id: 'first',
        cold_start: true,
        scan_id: '01M8',
        chunk: 7,
      },
      { level: 'WARN', message: 'odd', ...common, function_request_id: 'first', cold_start: true },
      {
        level: 'INFO',
        message: 'chunk-ended',
        ...common,
        function_request_id: 'second',
        cold_start: false,
        scan_id: '01M9',
        chunk: 7,
      },
      { level: 'WARN', message: 'odd', ...common, function_request_id: 'second', cold_start: false },
    ]);
  });
});
