/**
 * What an interval costs the shard's loop: a snapshot of all metrics, taken and sent; and what a record costs.
 * Demanded: 0.5 ms at most.
 */
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { Meter } from '../../dist/measure/meter.js';
import { METRICS } from '../../dist/measure/metric.js';
import { Recorder } from '../../dist/measure/recorder.js';
import { medianNs, printNs } from './rounds.js';

const SNAPSHOTS = 1000;
const VALUES_PER_METRIC = 2000;

/** Times a target gives (0.1 ms to 100 ms), and the widest range there can be: 1 us to an hour. */
const RANGES = [
  { name: 'usual times', lowestUs: 100, highestUs: 100_000 },
  { name: '1 us to 1 h', lowestUs: 1, highestUs: 3_600_000_000 },
];

for (const { name, lowestUs, highestUs } of RANGES) {
  const times = spread(lowestUs, highestUs);
  const costsUs = measureSnapshots(times).toSorted((a, b) => a - b);
  const median = costsUs[Math.floor(costsUs.length / 2)];
  const p99 = costsUs[Math.floor(costsUs.length * 0.99)];
  printNs(`snapshot sent, ${METRICS.length} metrics, ${name}`, median * 1000);
  printNs('  99th percentile', p99 * 1000);
}

const recorder = new Recorder();
const usual = spread(100, 100_000);
printNs(
  'record a time',
  medianNs(1_000_000, () => {
    for (let i = 0; i < 1_000_000; i++) recorder.record(usual[i % usual.length]);
  }),
);

/** Evenly in the logarithm, both ends included. */
function spread(lowestUs, highestUs) {
  const ratio = highestUs / lowestUs;
  return Array.from(
    { length: VALUES_PER_METRIC },
    (_, i) => lowestUs * ratio ** (i / (VALUES_PER_METRIC - 1)),
  );
}

function measureSnapshots(times) {
  const meter = new Meter(1);
  const { port1, port2 } = new MessageChannel();
  const costsUs = Array.from({ length: SNAPSHOTS }, () => {
    for (const metric of METRICS) for (const us of times) meter.recorder(metric).record(us);
    const startMs = performance.now();
    const snapshot = meter.snapshot();
    port1.postMessage(snapshot);
    const costUs = (performance.now() - startMs) * 1000;
    const { message } = receiveMessageOnPort(port2);
    if (message.histograms.response.count !== times.length) throw new Error('values were lost');
    return costUs;
  });
  port1.close();
  return costsUs;
}
