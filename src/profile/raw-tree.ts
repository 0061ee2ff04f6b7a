/** What a source gives at a place: text, a list, a group of keys, or null where it is left empty. */
export type RawValue = string | null | readonly RawValue[] | RawGroup;

/** Keys and what stands under them. */
export interface RawGroup {
  readonly [key: string]: RawValue;
}

/** Whether a value is a group of keys. */
export function isGroup(value: unknown): value is RawGroup {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * A tree that holds `value` at `path` and nothing else.
 * @example rawAt(['load', 'think'], '10ms') // { load: { think: '10ms' } }
 */
export function rawAt(path: readonly string[], value: RawValue): RawValue {
  return path.reduceRight<RawValue>((inner, key) => ownGroup([[key, inner]]), value);
}

/** A copy of `tree` without what stands at `path`; the whole group goes where the path leads beside its shape. */
export function withoutPath(tree: RawGroup, path: readonly string[]): RawGroup {
  const [first, ...rest] = path;
  return ownGroup(
    Object.entries(tree).flatMap(([key, value]): [string, RawValue][] => {
      if (key !== first) return [[key, value]];
      return rest.length > 0 && isGroup(value) ? [[key, withoutPath(value, rest)]] : [];
    }),
  );
}

/** Built from entries and not by assignment, which would take a key named `__proto__` for the prototype. */
export function ownGroup(entries: readonly (readonly [string, RawValue])[]): RawGroup {
  return Object.fromEntries(entries);
}
