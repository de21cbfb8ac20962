import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};

/**
 * Nothing from elsewhere, no script or style that does not stand in a file of ours, no frame around the page. Pictures
 * of the port map are saved from blobs that the page makes itself.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
};

/** A name with a hash never changes its content. */
const HASHED = /-[0-9A-Z]{8}\.(?:js|css)$/;

/** The files of the page, read once: they are 300 KB, and a build that replaces them must not mix two versions. */
export interface PageFiles {
  /** The file at that path of the server; undefined where there is none. */
  at(path: string): Response | undefined;
}

/** @param root the folder that `scripts/build-web.mjs` wrote; without it there is no page */
export function readPageFiles(root: string): PageFiles {
  const files = new Map<string, Buffer>();
  for (const file of filesBelow(root)) files.set(`/${file}`, readFileSync(join(root, file)));
  return {
    at(path) {
      const name = path === '/' ? '/index.html' : path;
      const body = files.get(name);
      if (!body) return undefined;
      const cache = HASHED.test(name) ? 'private, max-age=31536000, immutable' : 'no-cache';
      const type = TYPES[extname(name)] ?? 'application/octet-stream';
      return new Response(new Uint8Array(body), {
        headers: { ...HEADERS, 'content-type': type, 'cache-control': cache },
      });
    },
  };
}

function filesBelow(root: string): string[] {
  try {
    return readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
  } catch {
    return [];
  }
}
