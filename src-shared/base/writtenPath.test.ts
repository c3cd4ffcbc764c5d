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
  ['  /home/ada/id \n', '/home/ada/id'],
  ['file:///home/ada/My%20Keys/id', '/home/ada/My Keys/id'],
  ['FILE:///home/ada/id', '/home/ada/id'],
  ['file://localhost/home/ada/id', '/home/ada/id'],
  ['file:///C:/Users/Ada/.ssh/id', 'C:/Users/Ada/.ssh/id'],
  ['file:///home/ada/%ff', 'file:///home/ada/%ff'],
  ['file://server/share/id', 'file://server/share/id'],
  ['files/id', 'files/id'],
])('reads %s', (text, path) => {
  expect(readWrittenPath(text)).toBe(path);
});
