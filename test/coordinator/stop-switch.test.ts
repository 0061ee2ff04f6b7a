import { expect, test } from 'vitest';

import { StopSwitch, type StopRequest } from '../../src/coordinator/stop-switch.ts';

test('StopSwitch asks for a drain first and for a stop from then on', () => {
  const stopSwitch = new StopSwitch();
  const heard: StopRequest[] = [];
  stopSwitch.onRequest((request) => heard.push(request));
  expect(stopSwitch.requested).toBeNull();
  stopSwitch.request();
  expect(stopSwitch.requested).toBe('drain');
  stopSwitch.request();
  stopSwitch.request();
  expect(stopSwitch.requested).toBe('stop');
  expect(heard).toEqual(['drain', 'stop', 'stop']);
});

test.each([
  [1, 'drain'],
  [2, 'stop'],
])('StopSwitch tells a listener that comes after %d requests at once', (requests, heard) => {
  const stopSwitch = new StopSwitch();
  for (let i = 0; i < requests; i++) stopSwitch.request();
  const late: StopRequest[] = [];
  stopSwitch.onRequest((request) => late.push(request));
  expect(late).toEqual([heard]);
});
