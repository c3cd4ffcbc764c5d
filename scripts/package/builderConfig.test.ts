import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Packager, type Configuration } from 'electron-builder';
import { expect, test } from 'vitest';
import { createBuilderConfig } from './builderConfig.ts';

const config = createBuilderConfig({ appFolder: resolve('.'), outputFolder: 'out/dist', electronDist: null });

/** What electron-builder says about a configuration before it builds anything. */
const validate = (checked: Configuration) =>
  new Packager({ projectDir: resolve('.'), config: checked }).validateConfig();

/** The rights of an entitlements file. */
const rightsOf = (file: string) =>
  [...readFileSync(file, 'utf8').matchAll(/<key>([^<]+)<\/key>\s*<true\/>/gu)].map((one) => one[1]);

test('when the configuration is checked against electron-builder’s schema, AppImage, NSIS and dmg are valid', async () => {
  expect([config.linux?.target, config.win?.target, config.mac?.target]).toEqual([
    ['AppImage', 'deb', 'rpm'],
    ['nsis'],
    ['dmg'],
  ]);
  await validate(config);
});

test.each<[string, object]>([
  ['nsis', { nsis: { ...config.nsis, oneClik: false } }],
  ['dmg', { dmg: { sign: 'no' } }],
  ['appImage', { appImage: { licence: 'LICENSE' } }],
  ['electronFuses', { electronFuses: { runAsNode: 'off' } }],
])('when %s has a mistake, the schema refuses it', async (part, mistake) => {
  await expect(validate({ ...config, ...mistake })).rejects.toThrow(`configuration.${part}`);
});

test('when a package is built, it contains no address to look for updates at', () => {
  expect(config.publish).toBeNull();
  expect(JSON.stringify(config)).not.toMatch(/"(?:provider|url)":/u);
});

test('when macOS runs the program hardened, it may compile code and use the camera, and nothing else', () => {
  expect(rightsOf('build/entitlements.mac.plist')).toEqual([
    'com.apple.security.cs.allow-jit',
    'com.apple.security.device.camera',
  ]);
  expect(rightsOf('build/entitlements.mac.inherit.plist')).toEqual(['com.apple.security.cs.allow-jit']);
});
