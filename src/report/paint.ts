import picocolors from 'picocolors';

/** Colours for terminal text; each leaves the text alone where colours are off. */
export type Paint = ReturnType<typeof picocolors.createColors>;

/** Whether colours are wanted is for the caller to say: terminals and `NO_COLOR` are not looked at here. */
export function createPaint(color: boolean): Paint {
  return picocolors.createColors(color);
}
