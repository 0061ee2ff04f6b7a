import { choiceKind, countKind, durationKind, nullable, rateKind } from './key-kinds.ts';
import { key, quantity, unset, type ProfileKey } from './profile-key.ts';
import { WINDOW_MAX } from './profile-limits.ts';
import type { GroupValues, ProfileValues } from './profile-values.ts';
import { stagesKind } from './stages-kind.ts';

type LoadValues = GroupValues<'load'> & Pick<ProfileValues, 'stages'>;

/** The keys that say when frames are sent. */
export const LOAD_KEYS: { readonly [P in keyof LoadValues]: ProfileKey<LoadValues[P]> } = {
  'load.window': key(
    nullable(countKind({ min: 1, max: WINDOW_MAX })),
    'Frames in flight on each connection (closed model); 1 where no rate is given',
    unset('1'),
  ),
  'load.think': key(
    durationKind('zero allowed'),
    'Pause between a reply and the next frame (closed model)',
    quantity('0s', '10ms'),
  ),
  'load.rate': key(nullable(rateKind()), 'Frames a second on each connection (open model)', unset('100/s')),
  'load.totalRate': key(
    nullable(rateKind()),
    'Frames a second over all connections (open model)',
    unset('20k/s'),
  ),
  'load.send': key(
    choiceKind(['on', 'off']),
    'Whether frames are sent at all; off: connections only listen, apart from heartbeats, and what comes is pushed',
    quantity('on', 'off'),
  ),
  'load.arrivals': key(
    choiceKind(['constant', 'poisson']),
    'How frames follow one another at their rate: constant, evenly; poisson, independently of each other (open model)',
    quantity('constant', 'poisson'),
  ),
  'load.pacing': key(
    choiceKind(['precise', 'balanced', 'frugal']),
    'When a frame that is due is sent: precise, at once; balanced, with all of the same 250us; frugal, with all of the ' +
      'same 950us, which costs the least',
    quantity('precise', 'frugal'),
  ),
  stages: key(
    stagesKind(),
    'Parts of the run, each of which goes in a straight line to its rate over all connections, or to its count of ' +
      'connections, over its duration; 0s is a jump',
    unset('30s:10k/s'),
  ),
};
