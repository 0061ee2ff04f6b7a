import { closestWord } from '../../base/suggestion.ts';
import { UnitError } from '../../base/units.ts';
import { ValueError } from '../value-error.ts';
import { nounOf, parseFigure } from './figure-kinds.ts';
import { figureNames, findFigure, type Figure } from './figures.ts';

/** How a threshold compares what was observed with its value. */
export const OPERATORS = ['<=', '>=', '==', '!=', '<', '>'] as const;
export type Operator = (typeof OPERATORS)[number];

/** A demand on one figure of a run, or of one of its cohorts. */
export interface Threshold {
  /** Null: all cohorts together. */
  cohort: string | null;
  figure: Figure;
  operator: Operator;
  /** In the unit of the figure. */
  value: number;
  /** As it is printed and stored: with a space on either side of the operator. */
  expr: string;
}

const FORM = 'a threshold reads like response.p99 < 20ms or bulk:dials.refused == 0';
const GRAMMAR =
  /^(?:(?<cohort>[^\s:<>=!]+):)?(?<name>[\w.-]+)\s*(?<operator>[<>=!]{1,2})\s*(?<value>[^\s<>=!]+)$/;

/**
 * Reads `[cohort:]metric op value`.
 * @throws {ValueError} when it holds not to this grammar, names no figure, or has a value of the wrong unit
 * @example parseThreshold('response.p99<20ms').value // 20_000
 */
export function parseThreshold(text: string): Threshold {
  const { name, operator, value, cohort } = GRAMMAR.exec(text.trim())?.groups ?? {};
  if (name === undefined || operator === undefined || value === undefined) {
    throw new ValueError(`${JSON.stringify(text)} is not a threshold; ${FORM}`);
  }
  const known = OPERATORS.find((candidate) => candidate === operator);
  if (known === undefined) {
    const meant = operator === '=' ? '; for equality write ==' : `; there are ${OPERATORS.join(' ')}`;
    throw new ValueError(`${JSON.stringify(text)} has the operator ${operator}${meant}`);
  }
  const figure = requireFigure(name);
  return {
    cohort: cohort ?? null,
    figure,
    operator: known,
    value: readValue(figure, value),
    expr: `${cohort === undefined ? '' : `${cohort}:`}${name} ${known} ${value}`,
  };
}

/** Whether what was observed is as demanded. */
export function holds({ operator, value }: Pick<Threshold, 'operator' | 'value'>, observed: number): boolean {
  switch (operator) {
    case '<':
      return observed < value;
    case '<=':
      return observed <= value;
    case '>':
      return observed > value;
    case '>=':
      return observed >= value;
    case '==':
      return observed === value;
    case '!=':
      return observed !== value;
    default:
      return operator satisfies never;
  }
}

function requireFigure(name: string): Figure {
  const figure = findFigure(name);
  if (figure !== null) return figure;
  const meant = closestWord(name, figureNames(name));
  const hint =
    meant === null
      ? 'docs/thresholds.md lists them; response.p99, dials.refused and errors.rate are some'
      : `did you mean ${meant}?`;
  throw new ValueError(`${name} is no metric of a run; ${hint}`);
}

function readValue(figure: Figure, text: string): number {
  try {
    return parseFigure(figure.kind, text);
  } catch (error) {
    if (!(error instanceof UnitError)) throw error;
    throw new ValueError(`${figure.name} is ${nounOf(figure.kind)}: ${error.message}`);
  }
}
