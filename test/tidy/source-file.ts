import { parseSync } from 'oxc-parser';

/** A node of the syntax tree; what else it holds depends on its type. */
export interface SyntaxNode {
  type: string;
  start: number;
  end: number;
  [key: string]: unknown;
}

/** A TypeScript or JavaScript file with its syntax tree. */
export interface SourceFile {
  /** From the repository's root, with slashes. */
  path: string;
  text: string;
  /** Every node, parents before their children. */
  nodes: SyntaxNode[];
  comments: { kind: 'Block' | 'Line'; text: string; start: number; end: number }[];
}

/**
 * Parses `text`, which need not exist as a file.
 * @throws {Error} when it is not valid TypeScript
 */
export function parseSource(path: string, text: string): SourceFile {
  const { program, comments, errors } = parseSync(path, text);
  const [error] = errors;
  if (error !== undefined) throw new Error(`${path}: ${error.message}`);
  const nodes: SyntaxNode[] = [];
  collect(program, nodes);
  return {
    path,
    text,
    nodes,
    comments: comments.map(({ type, value, start, end }) => ({ kind: type, text: value, start, end })),
  };
}

function collect(value: unknown, into: SyntaxNode[]): void {
  if (Array.isArray(value)) return value.forEach((item) => collect(item, into));
  if (value === null || typeof value !== 'object') return;
  if (isNode(value)) into.push(value);
  for (const child of Object.values(value)) collect(child, into);
}

/** Whether `value` is a part of a syntax tree. */
export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}

/** The line of a position, counted from 1. */
export function lineAt(file: SourceFile, position: number): number {
  return file.text.slice(0, position).split('\n').length;
}
