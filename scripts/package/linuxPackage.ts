#!/usr/bin/env -S node --disable-warning=ExperimentalWarning
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { runTool, writeDeb } from './debFile.ts';

/*
 * electron-builder starts this in place of fpm, with fpm's arguments, to make a deb or rpm. It runs dpkg-deb or rpmbuild, so
 * that a build needs no download.
 */
const text = { type: 'string' } as const;
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    input: { ...text, short: 's', default: 'dir' },
    output: { ...text, short: 't', default: '' },
    depends: { ...text, short: 'd', multiple: true, default: [] },
    force: { type: 'boolean' },
    debug: { type: 'boolean' },
    log: text,
    'deb-recommends': { ...text, multiple: true, default: [] },
    'deb-compression': { ...text, default: 'xz' },
    'deb-priority': { ...text, default: 'optional' },
    'rpm-os': text,
    'rpm-compression': text,
    'rpm-summary': { ...text, default: '' },
    architecture: { ...text, default: '' },
    'after-install': { ...text, default: '' },
    'after-remove': { ...text, default: '' },
    description: { ...text, default: '' },
    version: { ...text, default: '' },
    package: { ...text, default: '' },
    name: { ...text, default: '' },
    maintainer: { ...text, default: '' },
    vendor: { ...text, default: '' },
    url: { ...text, default: '' },
    category: { ...text, default: '' },
    license: { ...text, default: '' },
  },
});

/** Copies each `FROM=TO`; a folder ends with a slash. Returns the paths that the package owns. */
function copyFiles(root: string): string[] {
  return positionals.map((pair) => {
    const at = pair.lastIndexOf('=');
    const [from, to] = [pair.slice(0, at), pair.slice(at + 1)];
    const target = join(root, to);
    mkdirSync(dirname(target), { recursive: true });
    cpSync(from, target, { recursive: true });
    if (statSync(target).isFile()) chmodSync(target, 0o644);
    return to;
  });
}

/** The description's first line, and the others as Debian wants them. */
function descriptionLines(): string[] {
  const [first = '', ...rest] = values.description.split('\n').map((line) => line.trim());
  return [
    first === '' ? values.name : first,
    ...rest.filter((line) => line !== '').map((line) => ` ${line}`),
  ];
}

/** The time of the last commit that a build sets, or now. */
const sourceDate = Number(process.env['SOURCE_DATE_EPOCH'] ?? Math.floor(Date.now() / 1000));

function makeDeb(root: string): void {
  copyFiles(root);
  writeDeb({
    root,
    file: values.package,
    fields: [
      ['Package', values.name],
      ['Version', values.version],
      ['Architecture', values.architecture],
      ['Maintainer', values.maintainer],
      ['Depends', values.depends.join(', ')],
      ['Recommends', values['deb-recommends'].join(', ')],
      ['Section', values.category],
      ['Priority', values['deb-priority']],
      ['Homepage', values.url],
      ['Description', descriptionLines().join('\n')],
    ],
    scripts: {
      postinst: readFileSync(values['after-install'], 'utf8'),
      postrm: readFileSync(values['after-remove'], 'utf8'),
    },
    compression: [`-Z${values['deb-compression']}`],
    sourceDate,
  });
}

/** rpm's names of Debian's architectures. */
const rpmArchitectures: Readonly<Record<string, string>> = { amd64: 'x86_64', arm64: 'aarch64' };

/** A script without what rpm would expand. */
const rpmScript = (file: string) => readFileSync(file, 'utf8').replaceAll('%', '%%');

const define = (name: string, value: string) => ['--define', `${name} ${value}`];

function makeRpm(root: string, folder: string): void {
  const owned = copyFiles(root);
  const [summary = '', ...description] = descriptionLines();
  const spec = [
    '%define debug_package %{nil}',
    '%define __os_install_post %{nil}',
    '%define _build_id_links none',
    '%define _binary_payload w6.xzdio',
    `Name: ${values.name}`,
    `Version: ${values.version}`,
    'Release: 1',
    `Summary: ${values['rpm-summary'] === '' ? summary : values['rpm-summary']}`,
    `License: ${values.license}`,
    `Vendor: ${values.vendor}`,
    `Packager: ${values.maintainer}`,
    `URL: ${values.url}`,
    `Group: ${values.category}`,
    'AutoReqProv: no',
    ...values.depends.map((one) => `Requires: ${one}`),
    '%description',
    [summary, ...description].join('\n'),
    '%post',
    rpmScript(values['after-install']),
    '%postun',
    rpmScript(values['after-remove']),
    '%files',
    '%defattr(-,root,root,-)',
    ...owned.map((path) => `"${path.replace(/\/$/u, '')}"`),
  ];
  const specFile = join(folder, 'package.spec');
  writeFileSync(specFile, `${spec.join('\n')}\n`);
  const built = join(folder, 'rpms');
  runTool(
    'rpmbuild',
    '-bb',
    '--quiet',
    '--target',
    `${rpmArchitectures[values.architecture] ?? values.architecture}-linux`,
    '--buildroot',
    root,
    ...define('_topdir', join(folder, 'top')),
    ...define('_rpmdir', built),
    ...define('_rpmfilename', 'built.rpm'),
    specFile,
  );
  cpSync(join(built, 'built.rpm'), values.package);
}

const folder = mkdtempSync(join(tmpdir(), 'sallyport-package-'));
const root = join(folder, 'root');
mkdirSync(root);
try {
  if (values.output === 'deb') makeDeb(root);
  else if (values.output === 'rpm') makeRpm(root, folder);
  else throw new Error(`packages of the kind ${values.output} are not built here`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
