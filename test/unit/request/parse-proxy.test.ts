import { describe, expect, it } from 'vitest';
import { withoutLogin } from '../../../shared/domain/proxy.ts';
import { parseProxy } from '../../../shared/request/parse-proxy.ts';
import { parseRequest } from '../../../shared/request/parse-request.ts';
import { errorsOf, valid } from '../../helpers/valid.ts';

const parse = (text: string) => parseProxy(text, '--proxy');

describe('A proxy', () => {
  it.each([
    ['socks5://127.0.0.1:1080', { kind: 'socks5', host: '127.0.0.1', port: 1080, login: null }],
    ['SOCKS5://Proxy.Example:9050/', { kind: 'socks5', host: 'proxy.example', port: 9050, login: null }],
    ['http://[::1]:3128', { kind: 'http', host: '::1', port: 3128, login: null }],
    ['http://me@p.test:8080', { kind: 'http', host: 'p.test', port: 8080, login: { user: 'me', password: '' } }],
    [
      'socks5://me:p%40ss:w@rd@p.test:1080',
      { kind: 'socks5', host: 'p.test', port: 1080, login: { user: 'me', password: 'p@ss:w@rd' } },
    ],
  ])('is read from %s', (text, proxy) => {
    expect(valid(parse(text))).toEqual(proxy);
  });

  it.each([
    '127.0.0.1:1080',
    'socks5://127.0.0.1',
    'socks5://127.0.0.1:0',
    'socks5://127.0.0.1:65536',
    'socks5://10.0.0.0/24:1080',
    'socks5://:secret@127.0.0.1:1080',
    'socks5://me:se/secret@127.0.0.1:1080',
    'socks5://me:%zz-secret@127.0.0.1:1080',
    `http://me:secret${'x'.repeat(256)}@127.0.0.1:1080`,
    'https://me:secret@127.0.0.1:1080',
    'socks5h://me:secret@127.0.0.1:1080',
    'me:secret@127.0.0.1:1080',
    '',
  ])('is not "%s", and no error shows a password', (text) => {
    const errors = errorsOf(parse(text));
    expect(errors).toMatchObject([{ code: 'OPTION_UNREADABLE', hint: expect.any(String) }]);
    expect(JSON.stringify(errors)).not.toContain('secret');
  });

  it('carries neither UDP nor a search for hosts, which is said with what else is wrong', () => {
    const request = { targets: ['10.0.0.1'], proxy: 'socks5://127.0.0.1:1080' };
    const details = (more: object) => errorsOf(parseRequest({ ...request, ...more })).map(({ detail }) => detail);
    expect(details({ ports: 'U:53' })).toEqual([expect.stringContaining('UDP ports cannot be probed through it')]);
    expect(details({ discovery: 'before', ports: '1-100' })).toEqual([
      expect.stringContaining('hosts cannot be looked for through it'),
    ]);
    expect(details({ timing: 'T9', ports: 'U:53' })).toHaveLength(2);
  });
});

describe('A text without logins', () => {
  it('is as it was but for user and password', () => {
    expect(withoutLogin('portfleet h --proxy socks5://me:s@cret@p:1 -p 22 --proxy=http://x@y:1')).toBe(
      'portfleet h --proxy socks5://…@p:1 -p 22 --proxy=http://…@y:1',
    );
    expect(withoutLogin('mailto:me@example.org --stylesheet https://x.example/a@b.css')).toBe(
      'mailto:me@example.org --stylesheet https://x.example/a@b.css',
    );
  });
});
