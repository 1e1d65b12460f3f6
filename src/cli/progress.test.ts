import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keptScreen } from '../../test/harness/cli-world.ts';
import { showProgress } from './progress.ts';

test('away from a terminal, each change is a plain line, said once', () => {
  const screen = keptScreen();
  const progress = showProgress(screen);
  progress.now('1 of 3');
  progress.now('1 of 3');
  progress.happened('disabled');
  progress.now('2 of 3');
  progress.done();
  assert.equal(screen.text(), '1 of 3\ndisabled\n2 of 3\n');
});

test('on a terminal, one line is redrawn, and what happened stays', () => {
  const screen = keptScreen(true);
  const progress = showProgress(screen);
  progress.now('1 of 3');
  progress.happened('disabled');
  progress.now('x'.repeat(200));
  progress.done();
  progress.done();
  const clear = '\r\u001b[K';
  assert.equal(screen.text(), `${clear}1 of 3${clear}disabled\n${clear}${'x'.repeat(78)}…${clear}`);
});
