import { isNode, lineAt, type SourceFile, type SyntaxNode } from './source-file.ts';

const FILE_LINES_MAX = 400;
const FUNCTION_LINES_MAX = 60;
const PARAMETERS_MAX = 4;

/** The only file whose default export is wanted: piscina calls it. */
const WORKER_ENTRY = 'src/shard/worker.ts';

const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);

/** Files that are too long to be read in one go. */
export function fileLengthViolations(files: readonly SourceFile[]): string[] {
  return files
    .map((file) => ({ path: file.path, lines: file.text.trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > FILE_LINES_MAX)
    .map(({ path, lines }) => `${path} has ${lines} lines; at most ${FILE_LINES_MAX} are allowed`);
}

/** Functions, methods and arrows with too many lines or parameters. */
export function functionSizeViolations(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) =>
    file.nodes.filter((node) => FUNCTIONS.has(node.type)).flatMap((node) => sizeFaults(file, node)),
  );
}

function sizeFaults(file: SourceFile, node: SyntaxNode): string[] {
  const first = lineAt(file, node.start);
  const lines = lineAt(file, node.end) - first + 1;
  const parameters = Array.isArray(node['params']) ? node['params'].length : 0;
  const where = `${file.path}:${first}: a function`;
  return [
    ...(lines > FUNCTION_LINES_MAX
      ? [`${where} has ${lines} lines; at most ${FUNCTION_LINES_MAX} are allowed`]
      : []),
    ...(parameters > PARAMETERS_MAX
      ? [`${where} has ${parameters} parameters; at most ${PARAMETERS_MAX} are allowed`]
      : []),
  ];
}

/** Default exports: an import of one can take any name, so nothing can be searched for. */
export function defaultExportViolations(files: readonly SourceFile[]): string[] {
  return files
    .filter((file) => file.path !== WORKER_ENTRY && file.nodes.some(isDefaultExport))
    .map((file) => `${file.path} has a default export`);
}

function isDefaultExport(node: SyntaxNode): boolean {
  if (node.type === 'ExportDefaultDeclaration') return true;
  return (
    node.type === 'ExportSpecifier' && isNode(node['exported']) && node['exported']['name'] === 'default'
  );
}

/** Exported functions and classes without a JSDoc comment directly before them. */
export function undocumentedExportViolations(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) =>
    file.nodes
      .filter((node) => exportsFunctionOrClass(node) && !hasJsDoc(file, node))
      .map((node) => `${file.path}:${lineAt(file, node.start)}: ${exportedName(node)} has no JSDoc comment`),
  );
}

function exportsFunctionOrClass(node: SyntaxNode): boolean {
  const { declaration } = node;
  if (!/^Export(Named|Default)Declaration$/.test(node.type) || !isNode(declaration)) return false;
  return /^(Function|Class)Declaration$/.test(declaration.type) || holdsFunction(declaration);
}

/** `export const f = () => ...` is a function, too. */
function holdsFunction(declaration: SyntaxNode): boolean {
  const declarators = Array.isArray(declaration['declarations']) ? declaration['declarations'] : [];
  return declarators.some(
    ({ init }) => isNode(init) && /^(Function|ArrowFunction|Class)Expression$/.test(init.type),
  );
}

function hasJsDoc(file: SourceFile, node: SyntaxNode): boolean {
  return file.comments.some(
    ({ kind, text, end }) =>
      kind === 'Block' &&
      text.startsWith('*') &&
      end <= node.start &&
      file.text.slice(end, node.start).trim() === '',
  );
}

function exportedName(node: SyntaxNode): string {
  const declaration = isNode(node['declaration']) ? node['declaration'] : node;
  const id = isNode(declaration['id']) ? declaration['id'] : node;
  return typeof id['name'] === 'string' ? id['name'] : 'an export';
}

/** The type that switches the compiler off. */
export function anyViolations(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) =>
    file.nodes
      .filter((node) => node.type === 'TSAnyKeyword')
      .map((node) => `${file.path}:${lineAt(file, node.start)}: the type any is not allowed`),
  );
}
