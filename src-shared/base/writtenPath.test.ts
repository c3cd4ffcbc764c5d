import { expect, test } from 'vitest';
import { readWrittenPath } from './writtenPath.ts';

test.each([
  ['~/.ssh/id_ed25519', '~/.ssh/id_ed25519'],
  ['"~/.ssh/id_ed25519"', '~/.ssh/id_ed25519'],
  ["'/home/ada/My Keys/id'", '/home/ada/My Keys/id'],
  [String.raw`/home/ada/My\ Keys/id`, '/home/ada/My Keys/id'],
  ['$HOME/.ssh/id', '~/.ssh/id'],
  ['${HOME}/.ssh/id', '~/.ssh/id'],
  ['"$HOME/.ssh/id"', '~/.ssh/id'],
  ['%d/.ssh/id', '~/.ssh/id'],
  ['$HOME', '~'],
  ['~ada/.ssh/id', '~ada/.ssh/id'],
  ['$HOMES/id', '$HOMES/id'],
  ['%data/id', '%data/id'],
  ['./~', './~'],
  [String.raw`C:\Users\Ada Byron\.ssh\id`, String.raw`C:\Users\Ada Byron\.ssh\id`],
  [String.raw`"C:\Users\Ada Byron\.ssh\id"`, String.raw`C:\Users\Ada Byron\.ssh\id`],
  [String.raw`%USERPROFILE%\.ssh\id`, String.raw`~\.ssh\id`],
  [String.raw`$env:USERPROFILE\.ssh\id`, String.raw`~\.ssh\id`],
  [String.raw`\\server\share\id`, String.raw`\\server\share\id`],
  ["it's", "it's"],
])('reads %s', (text, path) => {
  expect(readWrittenPath(text)).toBe(path);
});
