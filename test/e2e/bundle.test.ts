import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { expect, test } from 'vitest';

const IMPORT = /^(?:import|export) .*?from "(.+?)";$/gm;

test.each(['cli/main.js', 'shard/worker.js'])('dist/%s is one file: it loads no module beside it', (file) => {
  const text = readFileSync(new URL(`../../dist/${file}`, import.meta.url), 'utf8');
  const imported = [...text.matchAll(IMPORT)].map(([, specifier = '']) => specifier);
  expect(imported).toContain('node:events');
  expect(imported.filter((specifier) => !isBuiltin(specifier) && specifier !== 'piscina')).toEqual([]);
});
