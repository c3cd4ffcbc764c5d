import { lookAlikeSentence } from '../../../src-shared/base/lookAlikes.ts';
import { readWrittenPath } from '../../../src-shared/base/writtenPath.ts';
import { defaultSshPort, formatAddress, readAddress } from '../../../src-shared/model/appliance/address.ts';
import {
  type ApplianceEntry,
  type ApplianceInput,
  applianceInputSchema,
  type Authentication,
} from '../../../src-shared/model/appliance/applianceEntry.ts';

/**
 * A jump host in the form, as text. `own` is a saved login that differs from the appliance's. The form can't
 * show all of it, so it is kept unchanged.
 */
type JumpForm = { id: number; address: string; keyFile: string; own: Authentication | null };

/** `several` shows all methods; each other choice means only that method. */
export type LoginChoice = 'agent' | 'keyFile' | 'password' | 'several';

export type ApplianceForm = Omit<Authentication, 'credential'> & {
  name: string;
  /** The name of the credential that answers for the user; empty for none. */
  credential: string;
  address: string;
  login: LoginChoice;
  keyFile: string;
  group: string;
  cluster: string;
  description: string;
  /** Tags separated by commas. */
  tags: string;
  colour: ApplianceInput['colour'];
  jumps: JumpForm[];
  sudo: ApplianceInput['sudo'];
  legacyAlgorithms: boolean;
  connect: ApplianceInput['connect'];
  locked: boolean;
};

export const emptyForm: ApplianceForm = {
  name: '',
  address: '',
  login: 'agent',
  credential: '',
  agent: true,
  keyFile: '',
  password: false,
  keyboardInteractive: false,
  group: '',
  cluster: '',
  description: '',
  tags: '',
  colour: 'none',
  jumps: [],
  sudo: 'nopasswd',
  legacyAlgorithms: false,
  connect: 'always',
  locked: false,
};

/** The default user of an appliance **[doc]**. */
const defaultUser = 'ubuntu';

/** Parses a typed address. Null if the address is not valid. */
export function parseAddress(text: string) {
  const address = readAddress(text.trim());
  if (address === null) return null;
  return { ...address, user: address.user ?? defaultUser, port: address.port ?? defaultSshPort };
}

/** Suggests a name for an appliance: the first part of its host name, or its IP address. '' without an address. */
export function suggestName(address: string): string {
  const host = parseAddress(address)?.host.toLowerCase() ?? '';
  if (/^[\d.]+$/u.test(host)) return host;
  return /^[a-z0-9][a-z0-9_-]*/u.exec(host.replace(/^.*:.*$/u, ''))?.[0] ?? '';
}

const noMethod: Authentication = { agent: false, keyFile: null, password: false, keyboardInteractive: false };

function toAuthentication(form: ApplianceForm): Authentication {
  const { agent, password, keyboardInteractive } = form;
  const keyFile = form.keyFile.trim() === '' ? null : readWrittenPath(form.keyFile);
  const choices: Record<LoginChoice, Authentication> = {
    agent: { ...noMethod, agent: true },
    keyFile: { ...noMethod, keyFile },
    password: { ...noMethod, password: true },
    several: { agent, keyFile, password, keyboardInteractive },
  };
  return choices[form.login];
}

/** The login of the appliance itself. Its credential is never sent to a jump host. */
function toOwnAuthentication(form: ApplianceForm): Authentication {
  const authentication = toAuthentication(form);
  if (form.credential === '') return authentication;
  const { password, keyboardInteractive } = authentication;
  // sshd asks for a password by one method or the other.
  return {
    ...authentication,
    keyboardInteractive: keyboardInteractive || password,
    credential: form.credential,
  };
}

function toLoginChoice(authentication: Authentication): LoginChoice {
  const { agent, keyFile, password, credential } = authentication;
  const isByCredential = credential !== undefined && password;
  const keyboardInteractive = authentication.keyboardInteractive && !isByCredential;
  const methods = [agent, keyFile !== null, password, keyboardInteractive].filter(Boolean).length;
  if (methods !== 1 || keyboardInteractive) return 'several';
  if (agent) return 'agent';
  return password ? 'password' : 'keyFile';
}

/**
 * Returns the saved login of a jump host if its key file is unchanged. Otherwise uses the typed key file, or
 * the appliance's login if none was typed.
 */
function jumpAuthentication(form: ApplianceForm, jump: JumpForm): Authentication {
  const keyFile = readWrittenPath(jump.keyFile);
  if (jump.own !== null && keyFile === (jump.own.keyFile ?? '')) return jump.own;
  const usual = toAuthentication(form);
  return keyFile === '' ? usual : { ...(jump.own ?? usual), keyFile };
}

function toTarget(address: string, authentication: Authentication) {
  const parts = parseAddress(address) ?? { user: defaultUser, host: '', port: defaultSshPort };
  return { ...parts, authentication };
}

/** The fields on which a fetched host key depends, to compare: the address, the logins and the jump hosts. */
export function hostKeyBasis(form: ApplianceForm): string {
  const jumps = form.jumps.map((jump) => [jump.address, jumpAuthentication(form, jump)]);
  return JSON.stringify([form.address, toOwnAuthentication(form), jumps, form.legacyAlgorithms]);
}

function isSameLogin(a: Authentication, b: Authentication): boolean {
  return (
    a.agent === b.agent &&
    a.keyFile === b.keyFile &&
    a.password === b.password &&
    a.keyboardInteractive === b.keyboardInteractive
  );
}

const messages: Record<string, string> = {
  name: 'Use 1 to 63 characters: a–z, 0–9, dot, dash or underscore. Start with a letter or digit.',
  address: 'Enter it as user@host:port, for example ubuntu@kiln-01.plant.lan:22.',
  group: 'At most 64 characters.',
  cluster: 'At most 64 characters.',
  description: 'At most 512 characters.',
  tags: 'At most 16 tags of at most 32 characters each.',
  keyFile: 'Enter the path of a private key file.',
  credential: 'Choose a credential.',
};

/** Converts the path of a schema error to the path of a form field in @mantine/form: `jumps.0.address`. */
function toFieldPath([first, second, third]: readonly PropertyKey[]): string {
  if (first === 'target') return second === 'authentication' ? 'keyFile' : 'address';
  if (first === 'jumps')
    return `jumps.${String(second)}.${third === 'authentication' ? 'keyFile' : 'address'}`;
  return typeof first === 'string' ? first : 'form';
}

/** The text of a form field by its path. */
function textOf(form: ApplianceForm, field: string): string {
  const [, index, part] = /^jumps\.(\d+)\.(address|keyFile)$/u.exec(field) ?? [];
  const jump = index === undefined ? undefined : form.jumps[Number(index)];
  const value =
    jump === undefined
      ? Object.entries(form).find(([name]) => name === field)?.[1]
      : part === 'keyFile'
        ? jump.keyFile
        : jump.address;
  return typeof value === 'string' ? value.trim() : '';
}

function splitTags(text: string): string[] {
  return text
    .split(/[,;]/u)
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
}

/** Returns the input of the RPC call, or a message for each wrong field. */
export function readForm(
  form: ApplianceForm,
): { input: ApplianceInput } | { errors: Record<string, string> } {
  const parsed = applianceInputSchema.safeParse({
    name: form.name.trim(),
    target: toTarget(form.address, toOwnAuthentication(form)),
    jumps: form.jumps.map((jump) => toTarget(jump.address, jumpAuthentication(form, jump))),
    sudo: form.sudo,
    legacyAlgorithms: form.legacyAlgorithms,
    connect: form.connect,
    group: form.group,
    cluster: form.cluster,
    description: form.description,
    tags: splitTags(form.tags),
    colour: form.colour,
  });
  const errors: Record<string, string> = {};
  for (const issue of parsed.error?.issues ?? []) {
    const field = toFieldPath(issue.path);
    const message = messages[field.replace(/^jumps\.\d+\./u, '')];
    errors[field] ??=
      message === undefined ? issue.message : `${message}${lookAlikeSentence(textOf(form, field))}`;
  }
  if (form.name.trim() === '') errors['name'] = 'Enter a name.';
  if (form.address.trim() === '') errors['address'] = 'Enter an address.';
  const hasMethod = !isSameLogin(toAuthentication(form), noMethod);
  if (form.login === 'keyFile' && !hasMethod) errors['keyFile'] = messages['keyFile'] ?? '';
  if (form.login === 'several' && !hasMethod) errors['login'] = 'Choose at least one way to log in.';
  if (!parsed.success || Object.keys(errors).length > 0) return { errors };
  return { input: parsed.data };
}

export function toForm(entry: ApplianceEntry): ApplianceForm {
  const { name, group, cluster, description, colour, sudo, legacyAlgorithms, connect, locked } = entry;
  const { authentication } = entry.target;
  return {
    ...authentication,
    keyFile: authentication.keyFile ?? '',
    credential: authentication.credential ?? '',
    login: toLoginChoice(authentication),
    name,
    address: formatAddress(entry.target),
    group,
    cluster,
    description,
    tags: entry.tags.join(', '),
    colour,
    jumps: entry.jumps.map((jump, index) => {
      const isUsual =
        jump.authentication.credential === undefined && isSameLogin(jump.authentication, authentication);
      const own = isUsual ? null : jump.authentication;
      return { id: index + 1, address: formatAddress(jump), keyFile: own?.keyFile ?? '', own };
    }),
    sudo,
    legacyAlgorithms,
    connect,
    locked,
  };
}

/**
 * Returns a form for a new appliance with the values of `entry`, except name and address, which stay empty.
 */
export function toDuplicateForm(entry: ApplianceEntry): ApplianceForm {
  return { ...toForm(entry), name: '', address: '' };
}
