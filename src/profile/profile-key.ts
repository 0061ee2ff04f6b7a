import type { KeyKind } from './key-kinds.ts';

/** All there is to know about one key of a profile, apart from the rules that tie it to others. */
export interface ProfileKey<T> {
  kind: KeyKind<T>;
  /** What the key does, for editors and `--help`. */
  help: string;
  /** The default as a user would write it; null where a key is unset unless given. */
  defaultText: string | null;
  /** A value as a user would write it. */
  example: string;
}

/** How a key is shown: its default, and a value for example. */
export interface KeyTexts {
  defaultText: string | null;
  example: string;
}

/** A key of this kind. */
export function key<T>(kind: KeyKind<T>, help: string, texts: KeyTexts): ProfileKey<T> {
  return { kind, help, ...texts };
}

/** Texts of a key that has a default. */
export function quantity(defaultText: string, example: string): KeyTexts {
  return { defaultText, example };
}

/** Texts of a key that is unset unless given. */
export function unset(example: string): KeyTexts {
  return { defaultText: null, example };
}
