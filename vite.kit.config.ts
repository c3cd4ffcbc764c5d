import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { defineConfig, type EnvironmentOptions } from 'vite';

import { leaveOutNativeParts } from './scripts/nativeParts.ts';
import { npmArchive } from './scripts/npmArchive.ts';
import { recordModules } from './scripts/shipped/recordModules.ts';
import { writeKitShipped } from './scripts/shipped/writeShipped.ts';
import { startLazily } from './scripts/startLazily.ts';
import { writeAscii } from './scripts/writeAscii.ts';
import { initialConfiguration } from './src-appliance/connect/lint.ts';
import { connectVersion } from './src-appliance/connect/version.ts';
import { billFile, noticesFile } from './src-main/base/shippedFiles.ts';
import { followScript } from './src-shared/model/syslog/followScript.ts';

const { SALLYPORT_KIT_FOLDER } = process.env;
const folder = SALLYPORT_KIT_FOLDER ?? 'out/kit';
/** What the programs are made of, by program. */
const records = SALLYPORT_KIT_FOLDER === undefined ? 'out/modules/kit' : `${folder}/modules`;

/** Programs of the kit: one self-contained file each, for a plain Node of 20 or later, without node_modules. */
const programs = {
  ke_status: 'src-appliance/sshd/programs/keStatus.ts',
  ke_manage_remote_networks: 'src-appliance/sshd/programs/keManageRemoteNetworks.ts',
  ke_manage_license_key: 'src-appliance/sshd/programs/keManageLicenseKey.ts',
  ke_update_configuration: 'src-appliance/sshd/programs/keUpdateConfiguration.ts',
  ke_usage_report: 'src-appliance/sshd/programs/keUsageReport.ts',
  ke_manage_accounts: 'src-appliance/sshd/programs/keManageAccounts.ts',
  service: 'src-appliance/service/main.ts',
  observer: 'src-appliance/observer/main.ts',
  connect: 'src-appliance/connect/main.ts',
};

/** A command is a short program, and the others run for long. */
const isCommand = (name: string) => name.startsWith('ke_');

function program(name: string, input: string): EnvironmentOptions {
  return {
    consumer: 'server',
    resolve: { noExternal: true },
    build: {
      ssr: true,
      target: 'node20',
      outDir: folder,
      emptyOutDir: false,
      minify: false,
      rollupOptions: {
        // Leaves out schemas that a program doesn't use: making them is most of its start.
        treeshake: {
          manualPureFunctions: ['z', 'startLazily'],
          moduleSideEffects: [{ test: /\/src-(?:shared|appliance)\/.*\.ts$/u, sideEffects: false }],
        },
        input: { [name]: input },
        output: {
          ...(isCommand(name)
            ? { format: 'cjs', entryFileNames: '[name].cjs' }
            : { format: 'es', entryFileNames: '[name].mjs' }),
          codeSplitting: false,
          // A tenth of a command's text, which Node would read at each start. Licences stay.
          comments: { jsdoc: false, legal: true, annotation: true },
        },
      },
    },
  };
}

const placed = [
  'src-appliance/sshd/install.sh',
  'src-appliance/sshd/ke_syslog.sh',
  'src-appliance/sshd/ke_watch.sh',
  'resources/appliance/sallyport.service',
  'resources/appliance/sallyport-ping.service',
  'resources/appliance/sallyport-observer.service',
  'resources/appliance/sallyport-ping.sh',
  'resources/appliance/sallyport.init',
  'src-appliance/client/bin/sallyport-client-x64',
  'src-appliance/client/bin/sallyport-client-arm64',
];

/** The installer looks for everything beside itself, so the folder is what one carries to an appliance. */
async function placeInstaller(): Promise<void> {
  for (const path of placed) await copyFile(path, `${folder}/${basename(path)}`);
  await writeFile(`${folder}/follow_syslog.sh`, followScript);
}

/**
 * Connect as an npm package: one file without dependencies, so that `npm install` of it needs no registry. The folder
 * is also what its container is built from; the archive beside it is what a site is given.
 */
async function placeConnectPackage(): Promise<void> {
  const target = `${folder}/sallyport-connect`;
  const resources = [
    'Containerfile',
    'README.md',
    'container-start.sh',
    'install-service.sh',
    'kloudless_connect.init',
    'kloudless_connect@.service',
    'logrotate.conf',
  ];
  const generated = {
    'connect.yaml': initialConfiguration(),
    // systemd knows no unit that is a template's instance under another name.
    'kloudless_connect.service': (await readFile('resources/connect/kloudless_connect@.service', 'utf8'))
      .replace(/^#.*/u, '# The Connect of /etc/kloudless/connect.yaml.')
      .replaceAll('%i', 'connect'),
  };
  await mkdir(target, { recursive: true });
  writeKitShipped(folder, records);
  await writeFile(
    `${target}/connect.mjs`,
    `#!/usr/bin/env node\n${await readFile(`${folder}/connect.mjs`, 'utf8')}`,
  );
  await chmod(`${target}/connect.mjs`, 0o755);
  for (const name of resources) await copyFile(`resources/connect/${name}`, `${target}/${name}`);
  for (const [name, text] of Object.entries(generated)) await writeFile(`${target}/${name}`, text);
  await copyFile('LICENSE', `${target}/LICENSE`);
  const description = {
    name: 'sallyport-connect',
    version: connectVersion,
    description:
      'Opens the repositories of a site to a Sallyport appliance through one outgoing SSH connection',
    license: 'MIT',
    type: 'module',
    bin: { connect: 'connect.mjs' },
    files: ['connect.mjs', billFile, noticesFile, ...resources, ...Object.keys(generated)],
    engines: { node: '>=20' },
  };
  await writeFile(`${target}/package.json`, `${JSON.stringify(description, null, 2)}\n`);
  await placeConnectArchive(target, ['package.json', 'LICENSE', ...description.files]);
}

async function placeConnectArchive(source: string, names: readonly string[]): Promise<void> {
  for (const name of await readdir(folder))
    if (/^sallyport-connect-.*\.tgz$/u.test(name)) await rm(`${folder}/${name}`);
  const files = await Promise.all(
    names.map(async (name) => ({
      name,
      content: await readFile(`${source}/${name}`),
      isProgram: name === 'connect.mjs',
    })),
  );
  await writeFile(`${folder}/sallyport-connect-${connectVersion}.tgz`, npmArchive(files));
}

const present = Object.entries(programs).filter(([, input]) => existsSync(input));

export default defineConfig({
  // One of ssh2's files is CommonJS that asks where it lies.
  define: { __dirname: 'import.meta.dirname', __filename: 'import.meta.filename' },
  plugins: [
    leaveOutNativeParts(),
    startLazily(({ name }) => isCommand(name)),
    writeAscii(),
    recordModules({ folder: records }),
  ],
  environments: Object.fromEntries(present.map(([name, input]) => [name, program(name, input)])),
  builder: {
    buildApp: async (builder) => {
      await rm(records, { recursive: true, force: true });
      for (const [name] of present) {
        const environment = builder.environments[name];
        if (environment !== undefined) await builder.build(environment);
      }
      await placeInstaller();
      await placeConnectPackage();
    },
  },
});
