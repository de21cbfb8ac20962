import { type ErrorValue, errorValue, PortfleetError } from '../shared/domain/errors.ts';

/** The environment of a function, as cdk writes it; tests hand in their own. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads variables, and remembers every one that cannot be read, so that all are told at once. */
export interface EnvironmentReader {
  text(name: string): string;
  /** Empty where it is not set. */
  textOrNone(name: string): string;
  /** A whole number from 0 on. */
  whole(name: string): number;
  /** Like `whole`; unset or blank is null. */
  wholeOrNull(name: string): number | null;
  flag(name: string): boolean;
  /** @throws PortfleetError with all that was wrong */
  check(): void;
}

export function readEnvironment(env: Environment): EnvironmentReader {
  const errors: ErrorValue[] = [];
  const missing = (name: string, why: string): void => {
    errors.push(errorValue('OPTION_UNREADABLE', `The variable ${name} ${why}.`, { hint: 'Deploy the stack again.' }));
  };
  const whole = (name: string): number => {
    const value = env[name]?.trim() ?? '';
    if (!/^\d{1,15}$/.test(value)) missing(name, `is "${value}", which is no whole number`);
    return Number(value);
  };
  return {
    text: (name) => {
      const value = env[name]?.trim() ?? '';
      if (value === '') missing(name, 'is not set');
      return value;
    },
    textOrNone: (name) => env[name]?.trim() ?? '',
    whole,
    wholeOrNull: (name) => ((env[name]?.trim() ?? '') === '' ? null : whole(name)),
    flag: (name) => env[name] === 'true',
    check: () => {
      if (errors.length > 0) throw new PortfleetError(errors);
    },
  };
}
