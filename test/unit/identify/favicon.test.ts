import { describe, expect, it } from 'vitest';
import { bytesOfLatin1 } from '../../../shared/domain/bytes.ts';
import { faviconHash, mmh3 } from '../../../shared/identify/protocols/kit/mmh3.ts';
import { identifyAt } from '../../helpers/identify.ts';
import { openService } from '../../helpers/ports.ts';

describe('the hash of an icon', () => {
  // From the verification of the reference implementation, and the hashes of well-known words with seed 0.
  it.each([
    ['', 0],
    ['hello', 613_153_351],
    ['hello, world', 345_750_399],
    ['The quick brown fox jumps over the lazy dog', 776_992_547],
  ])('is MurmurHash3: %o', (text, hash) => {
    expect(mmh3(bytesOfLatin1(text))).toBe(hash);
  });

  it('is taken of the Base64 with its line ends', () => {
    const icon = Uint8Array.from({ length: 200 }, (_, at) => at);
    const lines = Buffer.from(icon)
      .toString('base64')
      .replace(/.{1,76}/g, '$&\n');
    expect(faviconHash(icon)).toBe(mmh3(bytesOfLatin1(lines)));
  });

  it('stands beside what the page says, and the headers that it lacks', async () => {
    const icon = Buffer.alloc(9_000, 'icon');
    const requests: string[] = [];
    await using server = await openService((socket) => {
      socket.on('error', () => {});
      socket.on('data', (bytes) => {
        requests.push(/^GET (\S+)/.exec(bytes.toString())?.[1] ?? '');
        if (/^GET \/favicon/.test(bytes.toString())) {
          socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${icon.length}\r\n\r\n`);
          socket.end(icon);
        } else socket.end('HTTP/1.1 200 OK\r\nServer: nginx\r\nX-Frame-Options: DENY\r\n\r\n<title>Home</title>');
      });
    });
    const { findings } = await identifyAt([server.port]);
    expect(requests).toEqual(['/', '/favicon.ico']);
    expect(findings[0]?.service.http).toEqual({
      status: 200,
      title: 'Home',
      faviconHash: faviconHash(icon),
      missingHeaders: ['content-security-policy', 'x-content-type-options'],
    });
  });
});
