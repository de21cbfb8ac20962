import { describe, expect, it } from 'vitest';
import { cpe22, cpe23 } from '../../../shared/domain/cpe.ts';

describe('an enumeration of a product', () => {
  it.each([
    [
      cpe22(['a', 'apache', 'http_server'], '2.4.57'),
      'cpe:/a:apache:http_server:2.4.57',
      'cpe:2.3:a:apache:http_server:2.4.57:*:*:*:*:*:*:*',
    ],
    [
      cpe22(['a', 'openbsd', 'openssh'], '9.2', 'p1'),
      'cpe:/a:openbsd:openssh:9.2:p1',
      'cpe:2.3:a:openbsd:openssh:9.2:p1:*:*:*:*:*:*',
    ],
    [
      cpe22(['o', 'debian', 'debian_linux']),
      'cpe:/o:debian:debian_linux',
      'cpe:2.3:o:debian:debian_linux:*:*:*:*:*:*:*:*',
    ],
    [
      cpe22(['a', 'erlang', 'erlang/otp']),
      'cpe:/a:erlang:erlang%2Fotp',
      'cpe:2.3:a:erlang:erlang\\/otp:*:*:*:*:*:*:*:*',
    ],
  ])('is written in both versions: %s', (made, uri, formatted) => {
    expect(made).toBe(uri);
    expect(cpe23(uri)).toBe(formatted);
  });

  it('that is none stays as it is', () => {
    expect(cpe23('nonsense')).toBe('nonsense');
    expect(cpe23('cpe:/a:x:%zz')).toBe('cpe:2.3:a:x:\\%zz:*:*:*:*:*:*:*:*');
  });
});
