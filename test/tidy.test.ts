import { describe, expect, test } from 'vitest';

import {
  anyViolations,
  defaultExportViolations,
  fileLengthViolations,
  functionSizeViolations,
  undocumentedExportViolations,
} from './tidy/code-rules.ts';
import {
  bannedWordViolations,
  limitViolations,
  lockFileViolations,
  mirrorViolations,
  nameViolations,
  unlockedDependencyViolations,
} from './tidy/file-rules.ts';
import {
  cycleViolations,
  deadFileViolations,
  extensionViolations,
  floorViolations,
} from './tidy/import-rules.ts';
import { parseFolder, readRepository } from './tidy/repository.ts';
import { parseSource, type SourceFile } from './tidy/source-file.ts';

const repository = readRepository();
const paths = repository.map(({ path }) => path);
const src = parseFolder(repository, 'src/');
const all = [...src, ...parseFolder(repository, 'test/')];

/** Parses planted files, given as path and text in turn. */
function plant(...pathsAndTexts: string[]): SourceFile[] {
  const files: SourceFile[] = [];
  for (let i = 0; i < pathsAndTexts.length; i += 2) {
    files.push(parseSource(pathsAndTexts[i] ?? '', pathsAndTexts[i + 1] ?? ''));
  }
  return files;
}

test('the repository was read', () => {
  expect(paths).toContain('package.json');
  expect(src.length).toBeGreaterThan(20);
  expect(all.length).toBeGreaterThan(src.length);
});

describe('floors: a file imports its own folder or a strictly lower floor', () => {
  test('holds in src', () => expect(floorViolations(src)).toEqual([]));

  test.each([
    ['a higher floor', 'src/base/a.ts', "import { b } from '../framing/b.ts';"],
    ['the same floor', 'src/framing/a.ts', "import type { b } from '../measure/b.ts';"],
    ['a re-export from a higher floor', 'src/store/a.ts', "export * from '../cli/b.ts';"],
    ['a dynamic import', 'src/store/a.ts', "await import('../cli/b.ts');"],
    ['a type that is imported in place', 'src/store/a.ts', "type B = import('../cli/b.ts').B;"],
    ['a folder that has no floor', 'src/cli/a.ts', "import { b } from '../elsewhere/b.ts';"],
    ['a file outside src', 'src/cli/a.ts', "import { b } from '../../test/b.ts';"],
    ['a file that stands on no floor', 'src/a.ts', ''],
  ])('finds %s', (_, path, text) => {
    expect(floorViolations(plant(path, text))).toHaveLength(1);
  });

  test('allows the own folder, lower floors and packages', () => {
    const text = "import './b.ts'; import '../base/b.ts'; import '../framing/deep/b.ts'; import 'zod';";
    expect(floorViolations(plant('src/engine/node/a.ts', text.replaceAll('../', '../../')))).toEqual([]);
  });
});

describe('imports', () => {
  test('form no cycle', () => expect(cycleViolations(all)).toEqual([]));

  test('that form a cycle are found, once, types included', () => {
    const files = plant(
      'src/base/a.ts',
      "import './b.ts';",
      'src/base/b.ts',
      "import type { C } from './c.ts';",
      'src/base/c.ts',
      "export { b } from './b.ts'; import './d.ts';",
      'src/base/d.ts',
      '',
    );
    expect(cycleViolations(files)).toEqual(['src/base/b.ts -> src/base/c.ts -> src/base/b.ts']);
  });

  test('name the extension', () => expect(extensionViolations(all)).toEqual([]));

  test.each(["import './b';", "export * from '../base';", "import('./b');"])(
    'without extension: %s',
    (text) => {
      expect(extensionViolations(plant('src/base/a.ts', text))).toHaveLength(1);
    },
  );
});

describe('dead files: every file of src is reached by an entry', () => {
  test('holds in src', () => expect(deadFileViolations(src)).toEqual([]));

  test('finds a file that nobody imports, and an entry that is missing', () => {
    const files = plant(
      'src/cli/main.ts',
      "import './b.ts';",
      'src/cli/b.ts',
      '',
      'src/cli/dead.ts',
      "import './b.ts';",
    );
    expect(deadFileViolations(files, ['src/cli/main.ts', 'src/shard/worker.ts'])).toEqual([
      'src/shard/worker.ts is an entry and does not exist',
      'src/cli/dead.ts is reached by no entry',
    ]);
  });
});

describe('sizes', () => {
  test('of files are within bounds', () => expect(fileLengthViolations(all)).toEqual([]));

  test('of files are found when beyond', () => {
    expect(fileLengthViolations(plant('src/base/a.ts', '//\n'.repeat(400)))).toEqual([]);
    expect(fileLengthViolations(plant('src/base/a.ts', '//\n'.repeat(401)))).toHaveLength(1);
  });

  test('of functions are within bounds', () => expect(functionSizeViolations(src)).toEqual([]));

  test.each([
    ['a function', '', ''],
    ['a method', 'class A { ', ' }'],
    ['an arrow', 'const a = ', ''],
  ])('of %s are found when beyond', (kind, before, after) => {
    const head =
      { 'a function': 'function f(P) {', 'a method': 'f(P) {', 'an arrow': '(P) => {' }[kind] ?? '';
    const sized = (lines: number, parameters: string): string[] => {
      const body = '\n'.repeat(lines - 1);
      return functionSizeViolations(
        plant('src/base/a.ts', `${before}${head.replace('P', parameters)}${body}}${after}`),
      );
    };
    expect(sized(60, 'a, b, c, d')).toEqual([]);
    expect(sized(61, '')).toHaveLength(1);
    expect(sized(1, 'a, b, c, d, e')).toHaveLength(1);
  });
});

describe('exports', () => {
  test('are never the default one', () => expect(defaultExportViolations(all)).toEqual([]));

  test.each([
    'export default 1;',
    'const a = 1; export { a as default };',
    "export { default } from './b.ts';",
  ])('that are the default one are found: %s', (text) => {
    expect(defaultExportViolations(plant('src/base/a.ts', text))).toHaveLength(1);
    expect(defaultExportViolations(plant('src/shard/worker.ts', text))).toEqual([]);
  });

  test('that are functions or classes have a JSDoc comment', () => {
    expect(undocumentedExportViolations(src)).toEqual([]);
  });

  test.each([
    'export function f() {}',
    '// A line is no JSDoc.\nexport class A {}',
    '/* Nor is a block. */\nexport const f = () => 1;',
    '/** Of something else. */\nconst a = 1;\nexport async function f() {}',
  ])('without a JSDoc comment are found: %s', (text) => {
    expect(undocumentedExportViolations(plant('src/base/a.ts', text))).toHaveLength(1);
    expect(
      undocumentedExportViolations(plant('src/base/a.ts', text.replace('export', '/** Why. */\nexport'))),
    ).toEqual([]);
  });
});

describe('types', () => {
  test('are never any', () => expect(anyViolations(all)).toEqual([]));

  test('that are any are found', () => {
    expect(anyViolations(plant('src/base/a.ts', 'const a = 1 as any; // Like any comment.'))).toEqual([
      'src/base/a.ts:1: the type any is not allowed',
    ]);
  });
});

describe('words', () => {
  test('of unfinished or silenced code occur nowhere', () =>
    expect(bannedWordViolations(repository)).toEqual([]));

  test('of unfinished or silenced code are found', () => {
    // Put together here, since this file must not hold them either.
    const [unfinished, silenced] = [['TO', 'DO'].join(''), ['@ts-', 'ignore'].join('')];
    const text = ['fine', `// ${unfinished}: later`, `// ${silenced}`, `${unfinished}S is a place`].join(
      '\n',
    );
    const violations = bannedWordViolations([{ path: 'README.md', text }]);
    expect(violations.map((violation) => violation.split(': ')[0])).toEqual(['README.md:2', 'README.md:3']);
  });
});

describe('names', () => {
  test('of code files are kebab-case, and none is a barrel', () => expect(nameViolations(paths)).toEqual([]));

  test('that are not are found', () => {
    const planted = [
      'src/base/timerWheel.ts',
      'test/Base/a.test.ts',
      'src/base/index.ts',
      'src/base/a-b.ts',
      'README.md',
    ];
    expect(nameViolations(planted)).toEqual([
      'src/base/timerWheel.ts is not named in kebab-case',
      'test/Base/a.test.ts is not named in kebab-case',
      'src/base/index.ts is a barrel: import the file itself',
    ]);
  });

  test('of tests mirror src', () => expect(mirrorViolations(paths)).toEqual([]));

  test('of tests that mirror nothing are found', () => {
    const planted = [
      'src/base/units.ts',
      'test/base/units.test.ts',
      'test/base.test.ts',
      'test/base/unit.test.ts',
    ];
    expect(mirrorViolations([...planted, 'test/e2e/run.test.ts'])).toEqual([
      'test/base/unit.test.ts mirrors no file or folder of src',
    ]);
  });
});

describe('the lock file', () => {
  const lock = repository.find(({ path }) => path === 'package-lock.json') ?? {
    path: 'package-lock.json',
    text: '',
  };

  test('names no registry', () => expect(lockFileViolations(lock)).toEqual([]));

  test('that names one is found', () => {
    const address = ['https:', '', 'registry.example', 'a.tgz'].join('/');
    const text = `{\n  "resolved": "${address}"\n}`;
    expect(lockFileViolations({ path: 'package-lock.json', text })).toEqual([
      'package-lock.json:2: names the host of a package',
    ]);
  });

  test('holds every dependency of every package', () =>
    expect(unlockedDependencyViolations(lock)).toEqual([]));

  test('that lacks a dependency is found', () => {
    const packages = {
      '': { dependencies: { a: '1' } },
      'node_modules/a': { dependencies: { b: '1' }, optionalDependencies: { 'a-darwin': '1', c: '1' } },
      'node_modules/a/node_modules/b': { dependencies: { a: '1', c: '1' } },
      'node_modules/c': {},
    };
    const text = JSON.stringify({ packages });
    expect(unlockedDependencyViolations({ path: 'package-lock.json', text })).toEqual([
      'package-lock.json: a-darwin, needed by node_modules/a, is not locked',
    ]);
  });
});

describe('named limits', () => {
  const page = repository.find(({ path }) => path === 'ARCHITECTURE.md') ?? {
    path: 'ARCHITECTURE.md',
    text: '',
  };

  test('are all listed in ARCHITECTURE.md', () => expect(limitViolations(repository, page)).toEqual([]));

  test('that are not listed, or listed and gone, are found', () => {
    const files = [{ path: 'src/base/a.ts', text: 'export const QUEUE_LENGTH_MAX: number = 3;\n' }];
    const planted = { path: 'ARCHITECTURE.md', text: '| `OLD_BYTES_MAX` | 3 | gone |\n' };
    expect(limitViolations(files, planted)).toEqual([
      'ARCHITECTURE.md: does not list QUEUE_LENGTH_MAX of src/base/a.ts',
      'ARCHITECTURE.md: lists OLD_BYTES_MAX, which does not exist',
    ]);
  });
});
