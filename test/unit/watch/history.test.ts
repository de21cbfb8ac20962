import { XMLValidator } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { epochMillis, hostKey } from '../../../shared/domain/units.ts';
import { clockFormat } from '../../../shared/report/formats/time.ts';
import { newHostRecord } from '../../../shared/watch/judge-host.ts';
import { withPortChange } from '../../../shared/watch/open-spans.ts';
import { historiesOf, historyJson, historySvg, historyText } from '../../../shared/watch/port-history.ts';

const at = (hour: number) => epochMillis(Date.UTC(2026, 0, 1, hour));
const UTC = clockFormat('UTC');

const RECORD = {
  ...newHostRecord(hostKey('web.test')),
  spans: {
    'tcp/443': [
      { from: at(1), after: null, to: at(5), service: null },
      { from: at(9), after: at(7), to: null, service: 'http <nginx>\u001b' },
    ],
    'tcp/22': [{ from: at(1), after: null, to: null, service: null }],
  },
} as const;

describe('The history of a host', () => {
  it('is a line for each time that a port was open', () => {
    expect(historyText(historiesOf('edge', RECORD, null), UTC)).toBe(
      [
        '22/tcp on web.test (watch edge)',
        '  open since before 2026-01-01 01:00:00 UTC, still open',
        '443/tcp on web.test (watch edge)',
        '  open since before 2026-01-01 01:00:00 UTC, closed by 2026-01-01 05:00:00 UTC',
        '  opened between 2026-01-01 07:00:00 UTC and 2026-01-01 09:00:00 UTC, still open: http <nginx>\\x1b',
        '',
      ].join('\n'),
    );
  });

  it('is of one port where one is named', () => {
    expect(historyJson(historiesOf('edge', RECORD, 22))).toEqual([
      {
        watch: 'edge',
        host: 'web.test',
        protocol: 'tcp',
        port: 22,
        open: [{ after: null, from: '2026-01-01T01:00:00.000Z', to: null, service: null }],
      },
    ]);
    expect(historiesOf('edge', RECORD, 80)).toEqual([]);
  });

  it('is a picture that any reader of XML takes, whatever a service calls itself', () => {
    const picture = historySvg(historiesOf('edge', RECORD, null), at(12), UTC);
    expect(XMLValidator.validate(picture)).toBe(true);
    expect(picture.match(/<rect /g)).toHaveLength(3);
    expect(picture).not.toContain('\u001b');
    expect(picture).not.toContain('<nginx>');
  });

  it('keeps the latest times of a port that opens and closes without end', () => {
    let spans = {};
    for (let hour = 0; hour < 1_000; hour++) {
      const after =
        hour % 2 === 0
          ? ({ kind: 'port', state: 'open', service: null } as const)
          : ({ kind: 'port', state: 'shut' } as const);
      spans = withPortChange(spans, 'tcp/1', { after, since: epochMillis(hour), otherwiseAt: null });
    }
    const [history] = historiesOf('edge', { ...RECORD, spans }, null);
    expect(history?.spans.length).toBeLessThanOrEqual(64);
    expect(history?.spans.at(-1)).toMatchObject({ from: 998, to: 999 });
  });
});
