import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { findSudoRefusal, withoutPrompt } from './privilege.ts';

const resolve = 'sudo: unable to resolve host kiln-01: Name or service not known';

test.each([
  ['sudo: a password is required\n', 'sudo: a password is required'],
  [`${resolve}\nsudo: a password is required\n`, 'sudo: a password is required'],
  [
    'Sorry, user ubuntu is not allowed to execute this.\n',
    'Sorry, user ubuntu is not allowed to execute this.',
  ],
  ['ubuntu is not in the sudoers file.\n', 'ubuntu is not in the sudoers file.'],
])('when sudo prints %j, counts it as a refusal', (stderr, words) => {
  expect(findSudoRefusal({ exitCode: 1, stderr })).toBe(words);
});

test.each([
  ['a warning beside a command that failed by itself', `${resolve}\nke_status: no such state\n`, 1],
  ['a warning beside a command that did well', `${resolve}\n`, 0],
  ['a command that is not there', 'sudo: ke_status: command not found\n', 1],
  ['a command that failed by itself', 'INTERNAL: no\n', 1],
])('when the command prints %s, does not count it as a refusal', (_what, stderr, exitCode) => {
  expect(findSudoRefusal({ exitCode, stderr })).toBeNull();
});

describe('when sudo reads a password from stdin', () => {
  const prompt = '[sudo 00112233445566778899aabb]';
  let passed: string;
  let prompts: number;

  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function read() {
    passed = '';
    prompts = 0;
    const stream = withoutPrompt(prompt, () => (prompts += 1));
    stream.on('data', (chunk: Buffer) => (passed += chunk.toString()));
    return stream;
  }

  test('the prompt and the text before it are removed', async () => {
    const stream = read();
    stream.write('We trust you have received the usual lecture.\n[sudo 0011');
    await vi.advanceTimersByTimeAsync(100);
    stream.write('2233445566778899aabb]tail: no files remaining\n');
    await vi.advanceTimersByTimeAsync(0);
    expect([prompts, passed]).toEqual([1, 'tail: no files remaining\n']);
  });

  test('and asks for none, the output of the running command arrives within a second', async () => {
    const stream = read();
    stream.write('tail: error reading');
    await vi.advanceTimersByTimeAsync(999);
    expect(passed).toBe('');
    await vi.advanceTimersByTimeAsync(1);
    expect(passed).toBe('tail: error reading');
    stream.write(' x\n');
    await vi.advanceTimersByTimeAsync(0);
    expect([prompts, passed]).toEqual([0, 'tail: error reading x\n']);
  });

  test('and asks late, the prompt is still removed', async () => {
    const stream = read();
    stream.write('sudo: unable to resolve host kiln\n');
    await vi.advanceTimersByTimeAsync(5000);
    for (const character of `${prompt}done\n`) stream.write(character);
    await vi.advanceTimersByTimeAsync(0);
    expect([prompts, passed]).toEqual([1, 'sudo: unable to resolve host kiln\ndone\n']);
  });

  test('and ends, nothing is lost', async () => {
    const stream = read();
    stream.end('[sudo 0011');
    await vi.advanceTimersByTimeAsync(0);
    expect([prompts, passed]).toEqual([0, '[sudo 0011']);
  });
});
