import { describe, expect, test } from 'vitest';
import { AppError } from '../../../src-shared/errors.ts';
import { createSecretMemory } from './secretMemory.ts';
import type { AskSecret } from '../types.ts';

type Question = Parameters<AskSecret>[0];

const password: Question = {
  hop: 'ubuntu@one:22',
  kind: 'password',
  title: 'Password',
  fields: [{ label: 'Password', echo: false }],
  refused: false,
};
const typed = (label: string, echo = false): Question => ({
  ...password,
  kind: 'keyboard-interactive',
  fields: [{ label, echo }],
});

/** Answers each question with the next number, so that a remembered answer is recognizable. */
function counting() {
  let asked = 0;
  return createSecretMemory(() => {
    asked += 1;
    return Promise.resolve([`${asked}`]);
  });
}

const person = () => Promise.resolve(['typed']);

describe('stored secrets', () => {
  const stored = {
    isReady: (question: Question) => !question.refused,
    find: (question: Question) => Promise.resolve(question.refused ? null : ['stored']),
  };

  test('when a credential answers, the user is not asked, and the answer is read again each time', async () => {
    let read = 0;
    const find = () => Promise.resolve([`stored ${(read += 1)}`]);
    const memory = createSecretMemory(() => Promise.reject(new Error('asked')), { ...stored, find });
    expect(memory.hasAnswer(password)).toBe(true);
    expect(await memory.ask(password)).toEqual(['stored 1']);
    expect(await memory.ask(password)).toEqual(['stored 2']);
  });

  test('when the server refused the stored answer, asks the user', async () => {
    const memory = createSecretMemory(person, stored);
    expect(memory.hasAnswer({ ...password, refused: true })).toBe(false);
    expect(await memory.ask({ ...password, refused: true })).toEqual(['typed']);
  });

  test('when the question may ask for a one-time code, no stored answer is given', async () => {
    const memory = createSecretMemory(person, stored);
    expect(memory.hasAnswer(typed('Verification code: '))).toBe(false);
    expect(await memory.ask(typed('Verification code: '))).toEqual(['typed']);
    expect(await memory.ask(typed('Password: '))).toEqual(['stored']);
  });

  test('when the vault stays locked, rejects with its error', async () => {
    const error = new AppError('VAULT_LOCKED', 'locked');
    const memory = createSecretMemory(person, { isReady: () => false, find: () => Promise.reject(error) });
    const asking = memory.ask(password);
    expect(await memory.waitForOpenQuestions()).toBe(false);
    await expect(asking).rejects.toBe(error);
  });
});

describe('answers', () => {
  test('are kept by hop and kind until refused or forgotten', async () => {
    const memory = counting();
    expect(await memory.ask(password)).toEqual(['1']);
    expect(await memory.ask(password)).toEqual(['1']);
    expect(memory.hasAnswer(password)).toBe(true);
    expect(await memory.ask({ ...password, hop: 'ubuntu@two:22' })).toEqual(['2']);
    expect(await memory.ask({ ...password, kind: 'sudo-password' })).toEqual(['3']);
    expect(await memory.ask({ ...password, refused: true })).toEqual(['4']);
    expect(await memory.ask(password)).toEqual(['4']);
    memory.forget();
    expect(memory.hasAnswer(password)).toBe(false);
    expect(await memory.ask(password)).toEqual(['5']);
  });

  test('when two hops use one key file, share its passphrase', async () => {
    const memory = counting();
    const passphrase: Question = { ...password, kind: 'key-passphrase', title: 'Passphrase for /k' };
    expect(await memory.ask(passphrase)).toEqual(['1']);
    expect(await memory.ask({ ...passphrase, hop: 'root@other:22' })).toEqual(['1']);
    expect(await memory.ask({ ...passphrase, title: 'Passphrase for /other' })).toEqual(['2']);
  });

  test.each([
    ['Password: ', false, true],
    ['(ubuntu@host) Password: ', false, true],
    ["ubuntu@host's password: ", false, true],
    ['Verification code: ', false, false],
    ['One-time password (OATH): ', false, false],
    ['Password: ', true, false],
  ])('when the question is %j (shown while typed: %s), are kept: %s', async (label, echo, isKept) => {
    const memory = counting();
    await memory.ask(typed(label, echo));
    expect(memory.hasAnswer(typed(label, echo))).toBe(isKept);
  });

  test('when they arrive after all were forgotten, are not kept', async () => {
    const answer = Promise.withResolvers<string[] | null>();
    const memory = createSecretMemory(() => answer.promise);
    const asking = memory.ask(password);
    expect(memory.ask(password)).toBe(asking);
    memory.forget();
    expect(memory.waitForOpenQuestions()).toBeNull();
    answer.resolve(['late']);
    expect(await asking).toEqual(['late']);
    expect(memory.hasAnswer(password)).toBe(false);
  });

  test('when a question is not answered, keeps nothing and reports it', async () => {
    const memory = createSecretMemory(() => Promise.resolve(null));
    const asking = memory.ask(password);
    expect(await memory.waitForOpenQuestions()).toBe(false);
    expect(await asking).toBeNull();
    expect(memory.hasAnswer(password)).toBe(false);
  });
});
