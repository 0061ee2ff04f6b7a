import { NodeEngine } from '../../src/engine/node/node-engine.ts';
import { describeEngineContract } from './engine-contract.ts';

describeEngineContract('NodeEngine', { create: (options, events) => new NodeEngine(options, events) });
