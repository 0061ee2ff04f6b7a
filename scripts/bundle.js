import { build } from 'rolldown';

/**
 * Joins what `tsc` built, packages included, into one file for each thread, where its entry was: six hundred small files
 * take twice the processor time to load. Piscina starts its workers from a file of its own, and koffi is optional.
 */
const entries = ['dist/cli/main.js', 'dist/shard/worker.js'];

// hdr-histogram-js asks for zlib by a require that a bundler cannot see.
const banner = `import { createRequire as requireFrom } from 'node:module';
const require = requireFrom(import.meta.url);`;

for (const entry of entries) {
  await build({
    input: entry,
    platform: 'node',
    external: ['piscina', 'koffi'],
    checks: { eval: false },
    output: { file: entry, banner },
  });
}
