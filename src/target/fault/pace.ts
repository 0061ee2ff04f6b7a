import { CATCH_UP_MS_MAX } from './limits.ts';

/**
 * When the step is due that comes `stepUs` behind one that was due at `dueUs` and is taken at `nowUs`, which is never
 * earlier. Counting from when the former was due keeps the pace on average, however late a timer lets each step be;
 * what was held up for longer than CATCH_UP_MS_MAX, by a freeze above all, begins anew instead of making up for it.
 */
export function nextStepUs(dueUs: number, nowUs: number, stepUs: number): number {
  const isOnPace = nowUs - dueUs <= CATCH_UP_MS_MAX * 1000;
  return (isOnPace ? dueUs : nowUs) + stepUs;
}
