import { readFile } from 'node:fs/promises';
import { errorValue } from '../shared/domain/errors.ts';
import { err, ok, type Result } from '../shared/domain/result.ts';
import type { TargetText } from '../shared/request/target-text.ts';
import type { CliContext } from './context.ts';

/** Targets on one line: between white space, or commas that do not belong to a target ("10.0.0.1,5,7" is one). */
export const splitTargets = (text: string): string[] =>
  text.split(/\s+|,(?=[^,\s]*[.:a-z])/i).filter((target) => target !== '');

/** The targets of a file, or of standard input for "-"; "#" begins a comment. Each knows the line it stood on. */
export async function readTargetList(
  file: string | undefined,
  ctx: CliContext,
): Promise<Result<readonly TargetText[]>> {
  if (file === undefined) return ok([]);
  const name = file === '-' ? 'standard input' : file;
  try {
    const text = file === '-' ? await readAll(ctx) : await readFile(file, 'utf8');
    return ok(
      text
        .split('\n')
        .flatMap((line, index) =>
          splitTargets(line.replace(/#.*/, '')).map((target) => ({ text: target, field: `${name}:${index + 1}` })),
        ),
    );
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return err(errorValue('TARGET_LIST_UNREADABLE', `The list of targets cannot be read: ${why}.`));
  }
}

async function readAll({ stdin }: CliContext): Promise<string> {
  let text = '';
  for await (const piece of stdin.setEncoding('utf8')) text += String(piece);
  return text;
}
