import { studentProbability } from '../drift/student.ts';

/**
 * The t that |T| stays below with probability `confidence`, of Student's t with `degrees` of freedom.
 * @example studentQuantile(4, 0.95) // 2.776
 */
export function studentQuantile(degrees: number, confidence: number): number {
  let low = 0;
  let high = 1;
  while (studentProbability(high, degrees) > 1 - confidence) high *= 2;
  for (let step = 0; step < BISECTIONS; step++) {
    const middle = (low + high) / 2;
    if (studentProbability(middle, degrees) > 1 - confidence) low = middle;
    else high = middle;
  }
  return high;
}

const BISECTIONS = 60;
