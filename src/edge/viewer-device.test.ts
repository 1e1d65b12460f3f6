/** Devices by the words of browsers that are in use. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Devices, devicesOf } from './viewer-device.ts';

const agents: readonly (readonly [string, string, readonly (keyof Devices)[]])[] = [
  [
    'Chrome on Windows',
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36',
    ['desktop'],
  ],
  [
    'Safari on an iPhone',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1',
    ['ios', 'mobile'],
  ],
  [
    'Safari on an iPad',
    'Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1 Mobile/15E148 Safari/604.1',
    ['ios', 'tablet'],
  ],
  [
    'Chrome on a phone of Android',
    'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36',
    ['android', 'mobile'],
  ],
  [
    'Chrome on a tablet of Android',
    'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36',
    ['android', 'tablet'],
  ],
  [
    'Firefox on a phone',
    'Mozilla/5.0 (Android 14; Mobile; rv:120.0) Gecko/120.0 Firefox/120.0',
    ['android', 'mobile'],
  ],
  [
    'Firefox on a tablet',
    'Mozilla/5.0 (Android 14; Tablet; rv:120.0) Gecko/120.0 Firefox/120.0',
    ['android', 'tablet'],
  ],
  [
    'a television of Tizen',
    'Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) AppleWebKit/538.1 (KHTML, like Gecko) Version/6.0 TV Safari/538.1',
    ['smarttv'],
  ],
  [
    'a television of webOS',
    'Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/79.0.3945.79 Safari/537.36',
    ['smarttv'],
  ],
  [
    'a television of Android',
    'Mozilla/5.0 (Linux; Android 9; BRAVIA 4K GB) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/79.0 Safari/537.36',
    ['android', 'smarttv'],
  ],
  ['curl', 'curl/8.5.0', ['desktop']],
  ['nobody', '', ['desktop']],
];

for (const [who, agent, kinds] of agents) {
  test(`${who} is ${kinds.join(' and ')}`, () => {
    const is = Object.entries(devicesOf(agent)).flatMap(([kind, yes]) => (yes ? [kind] : []));
    assert.deepEqual(is, kinds);
  });
}
