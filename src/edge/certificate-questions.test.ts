import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CertificateQuestions } from './certificate-questions.ts';

test('equal questions that are under way are one message, and each has the answer', async () => {
  const sent: string[] = [];
  const questions = new CertificateQuestions((name) => void sent.push(name));
  const issued = { certificate: 'c', key: 'k' };
  const both = [questions.issue('a'), questions.issue('a')];
  const other = questions.issue('b');
  assert.deepEqual(sent, ['a', 'b']);
  questions.answer('a', issued);
  assert.deepEqual(await Promise.all(both), [issued, issued]);
  questions.answer('b', undefined);
  assert.equal(await other, undefined);
  void questions.issue('a');
  assert.deepEqual(sent, ['a', 'b', 'a']);
});

test('an answer that nobody waits for is passed over', () => {
  const questions = new CertificateQuestions(() => undefined);
  questions.answer('a', undefined);
});
