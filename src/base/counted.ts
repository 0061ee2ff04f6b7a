/** So many of something, with a plural that is regular: `1 connection`, `12 connections`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
