import packageJson from '../../../package.json' with { type: 'json' };
import { errorValue, PortfleetError } from '../../../shared/domain/errors.ts';

/**
 * How scans and their records lie in the table. It rises when an older version would read them wrongly; new attributes
 * alone, which older versions leave alone, don't raise it. What has none was written before there were any: 1.
 */
export const ITEM_LAYOUT = 1;

export interface WrittenBy {
  readonly layout?: number;
  /** The version of Portfleet. */
  readonly writtenBy?: string;
}

export const WRITTEN_BY: Required<WrittenBy> = { layout: ITEM_LAYOUT, writtenBy: packageJson.version };

/**
 * An upgrade that is rolled back leaves items of the newer version behind. Who cannot read them leaves them, and the
 * messages of their chunks, to the version that can.
 *
 * @throws PortfleetError WRITTEN_BY_NEWER
 */
export function refuseNewer({ layout = 1, writtenBy = 'later' }: WrittenBy): void {
  if (layout <= ITEM_LAYOUT) return;
  const detail = `The scan was written by Portfleet ${writtenBy}; this is ${packageJson.version}, which cannot read it.`;
  throw new PortfleetError([errorValue('WRITTEN_BY_NEWER', detail)]);
}

export const isReadable = ({ layout = 1 }: WrittenBy): boolean => layout <= ITEM_LAYOUT;
