import { counted } from '../base/counted.ts';
import { OperatingError } from '../base/errors.ts';
import type { TargetAddress } from '../engine/engine.ts';
import { tcpFamilies } from '../engine/tcp-families.ts';
import { connectionsByPorts, descriptorsNeeded, raiseDescriptors, widenPorts } from '../host/plan-needs.ts';

export interface PreflightFacts {
  connections: number;
  workers: number;
  addresses: TargetAddress[];
  /** Null where the machine does not tell. */
  descriptorLimit: number | null;
  /** fs.nr_open: what root can raise the limit to at most. */
  nrOpen: number | null;
  ephemeralPorts: number | null;
  /** Local addresses from which each address of the target is dialled; each has its own ports. */
  sourceIps: number;
  /** Whether the target is the built-in one. */
  builtIn: boolean;
}

/**
 * Checks that this machine can hold the plan's connections, so that its own limits do not show up as thousands of
 * failed dials.
 * @throws {OperatingError} naming the limit, what is needed, and what to type (ERR_PREFLIGHT)
 */
export function checkLimits(facts: PreflightFacts): void {
  checkDescriptors(facts);
  checkPorts(facts);
}

function checkDescriptors({ connections, workers, descriptorLimit, nrOpen }: PreflightFacts): void {
  if (descriptorLimit === null) return;
  const needed = descriptorsNeeded(connections, workers);
  if (needed <= descriptorLimit) return;
  const fewer = descriptorLimit - (needed - connections);
  throw new OperatingError(
    'ERR_PREFLIGHT',
    `Cannot open ${connections} connections: they need ${needed} descriptors, and this process may have ` +
      `${descriptorLimit}. Type ${raiseDescriptors(needed, nrOpen)} as root before the run (or raise LimitNOFILE)` +
      (fewer < 1
        ? ': as it is, this machine cannot carry one connection'
        : `, or take at most ${counted(fewer, 'connection')}`),
  );
}

function checkPorts({ connections, addresses, ephemeralPorts, sourceIps, builtIn }: PreflightFacts): void {
  const overTcp = tcpFamilies(addresses).length;
  if (ephemeralPorts === null || overTcp === 0) return;
  const available = connectionsByPorts(ephemeralPorts, overTcp * sourceIps, builtIn);
  if (connections <= available) return;
  const sources = sourceIps === 1 ? '' : ` from each of ${sourceIps} source addresses`;
  const widen = widenPorts(ephemeralPorts);
  throw new OperatingError(
    'ERR_PREFLIGHT',
    `Cannot open ${connections} connections: the kernel has ${ephemeralPorts} local ports for each of ` +
      `${overTcp} target address${overTcp === 1 ? '' : 'es'}${sources}, so ` +
      `${available < 1 ? 'not one connection' : `at most ${counted(available, 'connection')}`}. ` +
      `${widen === null ? 'Dial' : `Type ${widen}, dial`} from more addresses (--source-ip), or give the ` +
      'target more addresses',
  );
}
