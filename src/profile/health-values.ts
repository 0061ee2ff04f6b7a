import {
  HEALTH_BOUNDS,
  type HealthBound,
  type HealthProfile,
  type HealthValues,
  type SignalBounds,
} from './health-profile.ts';

/** The section of a profile that given values and defaults make. */
export function resolveHealth(values: HealthValues): HealthProfile {
  const bounds = HEALTH_BOUNDS.map((name) => [name, values[`health.${name}`]]);
  return {
    verdict: values['health.verdict'],
    invalidShareMax: values['health.invalidIntervals'],
    bounds: Object.fromEntries(bounds) as Record<HealthBound, SignalBounds>,
  };
}

/** The inverse of `resolveHealth`. */
export function healthValues({ verdict, invalidShareMax, bounds }: HealthProfile): HealthValues {
  const pairs = HEALTH_BOUNDS.map((name) => [`health.${name}`, bounds[name]]);
  return {
    'health.verdict': verdict,
    'health.invalidIntervals': invalidShareMax,
    ...(Object.fromEntries(pairs) as Record<`health.${HealthBound}`, SignalBounds>),
  };
}
