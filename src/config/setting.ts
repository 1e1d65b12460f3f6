/**
 * What a setting is, and the three kinds there are; every table of settings is made of these.
 */
import { type Form, type Read, switchForm } from './values.ts';

export type Setting<T> = {
  readonly name: string;
  /** `list`: may be given several times. */
  readonly kind: 'switch' | 'one' | 'list';
  /** What stands for the value in help. */
  readonly form: string;
  readonly default: readonly string[];
  /** For help, where the default is not a value. */
  readonly defaultSaid: string;
  readonly accepts: string;
  readonly meaning: string;
  readonly read: Read<T>;
};

export function one<T>(
  name: string,
  form: string,
  { accepts, read }: Form<T>,
  normally: string | undefined,
  { defaultSaid, meaning }: { readonly defaultSaid?: string; readonly meaning: string },
): Setting<T> {
  return {
    name,
    kind: 'one',
    form,
    default: normally === undefined ? [] : [normally],
    defaultSaid: defaultSaid ?? normally ?? 'none',
    accepts,
    meaning,
    read,
  };
}

export function list<T>(
  name: string,
  form: string,
  { accepts, read }: Form<T>,
  normally: readonly string[],
  meaning: string,
): Setting<T> {
  const defaultSaid = normally.join(' ') || 'none';
  return { name, kind: 'list', form, default: normally, defaultSaid, accepts, meaning, read };
}

export function flag(name: string, meaning: string): Setting<boolean> {
  const { accepts, read } = switchForm;
  return {
    name,
    kind: 'switch',
    form: '',
    default: ['false'],
    defaultSaid: 'off',
    accepts,
    meaning,
    read,
  };
}
