import { planServers, type PlanQuestion, type ServerPlan } from '../analysis/capacity/capacity-plan.ts';
import type { CapacityResult, LoadKind } from '../analysis/capacity/capacity-result.ts';
import { formatPercent } from './human.ts';
import { formatLoad } from './load-words.ts';
import type { Paint } from './paint.ts';

/** How many servers a peak takes, with the reasoning, and how that changes with the bounds of the measurement. */
export function planLines(result: CapacityResult, question: PlanQuestion, paint: Paint): string[] {
  const { bounds, of, ending } = result;
  if (bounds.lower === null) return [`${paint.bold('plan')}  none: no load is known to be carried`];
  const plan = planServers(question, bounds.lower);
  return [
    `${paint.bold(`plan  ${servers(plan.servers)}`)} for ${formatLoad(question.peak, of)} with ${formatPercent(question.headroom)} headroom${spareWords(plan)}`,
    `one server carries ${formatLoad(plan.each, of)}; with ${formatPercent(question.headroom)} of it kept free it gets ` +
      `${formatLoad(plan.eachAtPeak, of)}, and ${formatLoad(question.peak, of)} / ${formatLoad(plan.eachAtPeak, of)} = ` +
      `${(question.peak / plan.eachAtPeak).toFixed(2)}, rounded up to ${plan.working}`,
    loadedWords(plan),
    ...boundsWords(result, question, plan),
    ...(ending === 'found'
      ? []
      : ['the search did not find where the target gives way, so fewer servers may do']),
    'this supposes that load is spread evenly and that servers do not slow each other down; a shared database or network ' +
      'is not in it',
  ];
}

function spareWords({ spare }: ServerPlan): string {
  if (spare === 0) return '';
  return spare === 1 ? ', one of which may be down' : `, ${spare} of which may be down`;
}

function loadedWords({ loaded, loadedAtWorst, spare }: ServerPlan): string {
  const all = `at the peak each is loaded to ${formatPercent(loaded)} of what it carries`;
  return spare === 0 ? all : `${all}, and to ${formatPercent(loadedAtWorst)} with ${spare} down`;
}

function boundsWords({ bounds, of }: CapacityResult, question: PlanQuestion, plan: ServerPlan): string[] {
  const { upper, upperBy } = bounds;
  if (upper === null || upperBy !== 'target') return [];
  const fewer = planServers(question, upper);
  const words = `if one carried as much as the upper bound, ${loadWords(upper, of)}, it would be`;
  return [
    fewer.servers === plan.servers
      ? `the bounds do not matter: ${words} ${plan.servers} too`
      : `${words} ${fewer.servers}: the number is not certain to one server`,
  ];
}

function loadWords(load: number, of: LoadKind): string {
  return formatLoad(load, of);
}

function servers(count: number): string {
  return count === 1 ? '1 server' : `${count} servers`;
}
