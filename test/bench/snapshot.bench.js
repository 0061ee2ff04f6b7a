/** What an interval costs the shard's loop: a snapshot of all metrics, and the records before it. Demanded: 0.5 ms. */
import { Meter, transferables } from '../../dist/measure/meter.js';
import { METRICS } from '../../dist/measure/metric.js';
import { Recorder } from '../../dist/measure/recorder.js';
import { medianNs, printNs } from './rounds.js';

const SNAPSHOTS = 300;
const VALUES_PER_METRIC = 2000;

/** Times a target gives (0.1 ms to 100 ms), and the widest range there can be: 1 us to an hour. */
const RANGES = [
  { name: 'usual times', lowestUs: 100, highestUs: 100_000 },
  { name: 'all times from 1 us to 1 h', lowestUs: 1, highestUs: 3_600_000_000 },
];

for (const { name, lowestUs, highestUs } of RANGES) {
  const times = spread(lowestUs, highestUs);
  const costsUs = measureSnapshots(times).sort((a, b) => a - b);
  const median = costsUs[Math.floor(costsUs.length / 2)];
  const p99 = costsUs[Math.floor(costsUs.length * 0.99)];
  console.log(
    `snapshot, ${METRICS.length} metrics, ${name}: median ${median.toFixed(0)} us, p99 ${p99.toFixed(0)} us`,
  );
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
  return Array.from({ length: SNAPSHOTS }, () => {
    for (const metric of METRICS) for (const us of times) meter.recorder(metric).record(us);
    const startMs = performance.now();
    const snapshot = meter.snapshot();
    const buffers = transferables(snapshot);
    const costUs = (performance.now() - startMs) * 1000;
    if (buffers.length !== METRICS.length + 2) throw new Error(`${buffers.length} buffers`);
    return costUs;
  });
}
