/**
 * Values as a line of blocks, lowest to highest on a logarithmic scale; a space where there was no value.
 * The scale spans at least a factor of four: values that hardly differ look alike, and noise makes no mountains.
 */
export function sparkline(values: readonly (number | null)[]): string {
  const known = values.filter((value): value is number => value !== null && value > 0);
  if (known.length === 0) return ' '.repeat(values.length);
  const low = Math.min(...known);
  const span = Math.max(Math.max(...known) / low, SPAN_FACTOR_MIN);
  return values
    .map((value) => {
      if (value === null) return ' ';
      const height = value <= 0 ? 0 : Math.log(value / low) / Math.log(span);
      return BLOCKS[Math.round(Math.max(0, height) * (BLOCKS.length - 1))] ?? ' ';
    })
    .join('');
}

const BLOCKS = '▁▂▃▄▅▆▇█';
const SPAN_FACTOR_MIN = 4;
