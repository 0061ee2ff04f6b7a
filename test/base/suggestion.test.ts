import { describe, expect, it } from 'vitest';
import { closestWord } from '../../src/base/suggestion.ts';

describe('closestWord', () => {
  it.each<[string, string | null, string]>([
    ['durration', 'duration', 'a letter too many'],
    ['duraton', 'duration', 'a letter too few'],
    ['wokrers', 'workers', 'two letters swapped'],
    ['Label', 'label', 'another case'],
    ['lable', 'label', 'the nearest of several'],
    ['seed', 'seed', 'the word itself'],
    ['verbose', null, 'a word that resembles none'],
    ['x', null, 'a letter, which could be anything'],
  ])('finds for %s the word %s: %s', (word, meant) => {
    expect(closestWord(word, ['duration', 'workers', 'label', 'table-top', 'seed'])).toBe(meant);
  });
});
