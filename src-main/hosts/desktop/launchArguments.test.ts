import { expect, test } from 'vitest';
import { parseLaunchArguments } from './launchArguments.ts';

test('reads the folder and the label, and ignores flags of Chromium and desktops', () => {
  expect(
    parseLaunchArguments([
      'out/desktop/desktop.js',
      '--ozone-platform=wayland',
      '--data',
      '/tmp/data',
      '-psn_0_1',
      '--lab',
      '--announce',
    ]),
  ).toEqual({ dataFolder: '/tmp/data', isLab: true, announces: true });
  expect(parseLaunchArguments(['--data=/tmp/data'])).toEqual({
    dataFolder: '/tmp/data',
    isLab: false,
    announces: false,
  });
  expect(parseLaunchArguments([])).toEqual({ dataFolder: undefined, isLab: false, announces: false });
});

test.each([[['--data']], [['--data', '']], [['--data=']], [['--data', '--lab']]])('rejects %j', (argv) => {
  expect(() => parseLaunchArguments(argv)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
});
