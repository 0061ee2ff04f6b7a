import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Node,
  type Pair,
  type Scalar,
} from 'yaml';
import type { Origin, ProfileFault } from './profile-fault.ts';
import { STRENGTH, type ProfileSource } from './profile-source.ts';
import { ownGroup, isGroup, type RawGroup, type RawValue } from './raw-tree.ts';

/** Groups within groups beyond this are no profile; it also bounds what aliases of aliases can unfold to. */
const DEPTH_MAX = 5;

/**
 * A profile file as a source: its scalars as they were written, each with the line and column of its key and value.
 * @param file how faults name it
 */
export function yamlSource(text: string, file: string): ProfileSource {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const place = (offset: number): Origin => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  const syntaxFaults = document.errors.map((error): ProfileFault => ({
    ...place(error.pos[0]),
    path: '',
    message: `is no YAML: ${error.message}`,
  }));
  const reader = new TreeReader(document, place);
  const tree = syntaxFaults.length > 0 ? ownGroup([]) : reader.readTop();
  return {
    strength: STRENGTH.file,
    tree,
    originOf: (path, part) =>
      reader.originOf(path, part) ?? reader.originOf(path.slice(0, -1), part) ?? { file },
    faults: [...syntaxFaults, ...reader.faults],
    unknownPaths: syntaxFaults.length > 0 ? null : reader.faults.map((fault) => fault.path),
  };
}

/** Walks a document once, keeping where every key and value stands. */
class TreeReader {
  readonly faults: ProfileFault[] = [];
  readonly #document: Document;
  readonly #place: (offset: number) => Origin;
  readonly #origins: Map<string, { key: Origin; value: Origin }> = new Map();

  constructor(document: Document, place: (offset: number) => Origin) {
    this.#document = document;
    this.#place = place;
  }

  originOf(path: readonly string[], part: 'key' | 'value'): Origin | undefined {
    return this.#origins.get(JSON.stringify(path))?.[part];
  }

  readTop(): RawGroup {
    const { contents } = this.#document;
    if (contents === null) return ownGroup([]);
    const top = this.#read(contents, []);
    if (isGroup(top)) return top;
    // A file that holds nothing but comments is an empty profile.
    if (top === null) return ownGroup([]);
    this.#refuse(contents, [], 'must hold keys and values, for example duration: 10s');
    return ownGroup([]);
  }

  #read(node: unknown, path: readonly string[]): RawValue {
    const target = isAlias(node) ? node.resolve(this.#document) : node;
    if (isScalar(target)) return scalarText(target);
    if (path.length >= DEPTH_MAX) return ownGroup([]);
    if (isSeq(target))
      return target.items.map((item, index) => this.#readItem(item, [...path, String(index)]));
    return isMap(target) ? this.#readGroup(target.items, path) : null;
  }

  #readItem(item: unknown, path: readonly string[]): RawValue {
    const origin = this.#origin(item);
    this.#origins.set(JSON.stringify(path), { key: origin, value: origin });
    return this.#read(item, path);
  }

  #readGroup(pairs: readonly Pair[], path: readonly string[]): RawGroup {
    const entries = new Map<string, RawValue>();
    for (const pair of pairs) {
      const name = isScalar(pair.key) ? (scalarText(pair.key) ?? '') : String(pair.key);
      const inner = [...path, name];
      if (entries.has(name)) {
        this.#refuse(pair.key, inner, 'stands twice; each key may be given once');
        continue;
      }
      this.#origins.set(JSON.stringify(inner), {
        key: this.#origin(pair.key),
        value: this.#origin(hasText(pair.value) ? pair.value : pair.key),
      });
      if (isAlias(pair.value) && pair.value.resolve(this.#document) === undefined) {
        this.#refuse(
          pair.value,
          inner,
          `names the anchor '${pair.value.source}', which does not stand before it`,
        );
      } else {
        entries.set(name, this.#read(pair.value, inner));
      }
    }
    return ownGroup([...entries]);
  }

  #refuse(node: unknown, path: readonly string[], message: string): void {
    this.faults.push({ ...this.#origin(node), path: path.join('.'), message });
  }

  #origin(node: unknown): Origin {
    return this.#place((node as Node | null)?.range?.[0] ?? 0);
  }
}

/** A value that was left out has no place of its own worth pointing at. */
function hasText(node: unknown): boolean {
  return !isScalar(node) || node.source !== '' || node.type !== 'PLAIN';
}

/** A plain scalar as it was written, a quoted or block one as it reads; null for an empty value, `null` and `~`. */
function scalarText(scalar: Scalar): string | null {
  if (scalar.value === null) return null;
  return typeof scalar.value === 'string' ? scalar.value : (scalar.source ?? '');
}
