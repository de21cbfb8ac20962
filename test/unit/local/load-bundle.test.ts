import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { loadBundle } from '../../../local/load-bundle.ts';
import { tempDir } from '../../helpers/temp-dir.ts';

const bundleOf = (body: string): string =>
  `(typeof module=="object"?module:{}).exports=(function(require,__filename){${body}})`;

/** A bundle in a folder of its own, with what was compiled of a source beside it, if any. */
function bundleWith(source: string, compiled?: Buffer): string {
  const path = join(tempDir(), 'some-body.cjs');
  writeFileSync(path, source);
  if (compiled) writeFileSync(`${path}.${process.version}-${process.arch}`, compiled);
  return path;
}

const compiledOf = (source: string): Buffer => new Script(source).createCachedData();

const ONE = bundleOf('return { name: __filename, sum: require("./other.cjs") + 1 };');
const LONGER = bundleOf('return { name: __filename, sum: require("./other.cjs") + 100 };');

/** What it gives, with the file that it requires. */
function load(path: string): unknown {
  writeFileSync(join(path, '../other.cjs'), 'module.exports = 41;');
  return loadBundle(path);
}

describe('loadBundle', () => {
  it('gives what a bundle exports, which requires what is beside it and knows its name', () => {
    const path = bundleWith(ONE);
    expect(load(path)).toEqual({ name: path, sum: 42 });
  });

  it('gives the same by what was compiled of it before', () => {
    const path = bundleWith(ONE, compiledOf(ONE));
    expect(load(path)).toEqual({ name: path, sum: 42 });
  });

  it('takes what was compiled: nothing else is run then', () => {
    // As V8 sees it, a source of the same length is the same.
    const other = ONE.replace('+ 1', '+ 2');
    expect(load(bundleWith(other, compiledOf(ONE)))).toMatchObject({ sum: 42 });
  });

  it('compiles anew where what was compiled is of another source, or damaged', () => {
    expect(load(bundleWith(LONGER, compiledOf(ONE)))).toMatchObject({ sum: 141 });
    const damaged = compiledOf(ONE).fill(0, 0, 16);
    expect(load(bundleWith(ONE, damaged))).toMatchObject({ sum: 42 });
    expect(load(bundleWith(ONE, Buffer.alloc(0)))).toMatchObject({ sum: 42 });
  });

  it('fails with what keeps the file from being read', () => {
    expect(() => loadBundle(join(tempDir(), 'none.cjs'))).toThrow('none.cjs');
  });
});
