import { OPTIONS, type OptionName, type OptionSpec, optionSpec } from '../options/option-table.ts';

/** Where a setting stands: the higher in this list, the weaker. */
export type SettingSource = 'user' | 'directory' | 'user-profile' | 'directory-profile' | 'environment';

/** A value for an option that the command line need not give any more. */
export interface Setting {
  readonly name: OptionName;
  /** `false` takes a flag back that a weaker source set. */
  readonly value: true | false | number | string | readonly string[];
  readonly source: SettingSource;
  /** "~/.config/portfleet/config.yaml:3", or the name of a variable. */
  readonly place: string;
}

const ALL = Object.keys(OPTIONS) as OptionName[];

/** The options that may be set, in the order of the table. */
export const SETTING_NAMES: readonly OptionName[] = ALL.filter((name) => optionSpec(name).setting !== undefined);

/** What a setting is called in a file: its long name without the dashes. */
export const keyOf = (name: OptionName): string => OPTIONS[name].long.slice(2);

/** The variable that stands for the option. */
export const variableOf = ({ long }: Pick<OptionSpec, 'long'>): string =>
  `PORTFLEET_${long.slice(2).toUpperCase().replaceAll('-', '_')}`;
