import { defaultSshPort, formatAddress, readAddress } from '../../../src-shared/model/appliance/address.ts';
import {
  type ApplianceEntry,
  type ApplianceInput,
  applianceInputSchema,
  type SshTarget,
} from '../../../src-shared/model/appliance/applianceEntry.ts';

/**
 * What the form holds: text as typed. `own` is how a jump host that was entered before is logged in to, where that
 * differs from the appliance; the form has no fields for all of it, so it is kept.
 */
export type JumpForm = {
  id: number;
  address: string;
  keyFile: string;
  own: SshTarget['authentication'] | null;
};
export type ApplianceForm = {
  name: string;
  address: string;
  group: string;
  cluster: string;
  description: string;
  /** Kept as they are: the form has no fields for them. */
  tags: string[];
  colour: ApplianceInput['colour'];
  agent: boolean;
  keyFile: string;
  password: boolean;
  keyboardInteractive: boolean;
  jumps: JumpForm[];
  sudo: ApplianceInput['sudo'];
  legacyAlgorithms: boolean;
};

export type FormErrors = Partial<Record<string, string>>;

export const emptyForm: ApplianceForm = {
  name: '',
  address: '',
  group: '',
  cluster: '',
  description: '',
  tags: [],
  colour: 'none',
  agent: true,
  keyFile: '',
  password: false,
  keyboardInteractive: false,
  jumps: [],
  sudo: 'nopasswd',
  legacyAlgorithms: false,
};

/** The user that appliances are made with **[doc]**. */
const defaultUser = 'ubuntu';

/** An address as it is typed; null if it has another form. */
export function parseAddress(text: string) {
  const address = readAddress(text.trim());
  if (address === null) return null;
  return { ...address, user: address.user ?? defaultUser, port: address.port ?? defaultSshPort };
}

function authenticationOf(form: ApplianceForm): SshTarget['authentication'] {
  const { agent, password, keyboardInteractive } = form;
  const keyFile = form.keyFile.trim();
  return { agent, keyFile: keyFile === '' ? null : keyFile, password, keyboardInteractive };
}

/** What is unset in a jump host's row is the appliance's, unless the host came with a way in of its own. */
function jumpAuthentication(form: ApplianceForm, jump: JumpForm): SshTarget['authentication'] {
  const keyFile = jump.keyFile.trim();
  if (jump.own !== null && keyFile === (jump.own.keyFile ?? '')) return jump.own;
  const usual = authenticationOf(form);
  return keyFile === '' ? usual : { ...(jump.own ?? usual), keyFile };
}

function targetFrom(address: string, authentication: SshTarget['authentication']) {
  const parts = parseAddress(address) ?? { user: defaultUser, host: '', port: defaultSshPort };
  return { ...parts, authentication };
}

function isSameWay(a: SshTarget['authentication'], b: SshTarget['authentication']): boolean {
  return (
    a.agent === b.agent &&
    a.keyFile === b.keyFile &&
    a.password === b.password &&
    a.keyboardInteractive === b.keyboardInteractive
  );
}

const plainWords: Record<string, string> = {
  name: 'Use 1 to 63 of a–z, 0–9, dot, dash or underscore; start with a letter or digit.',
  address: 'Enter it as user@host:port, for example ubuntu@kiln-01.plant.lan:22.',
  group: 'At most 64 characters.',
  cluster: 'At most 64 characters.',
  description: 'At most 512 characters.',
  keyFile: 'Enter the path of a private key file.',
};

function fieldOf(path: readonly PropertyKey[], form: ApplianceForm): string {
  const [first, second, third] = path;
  if (first === 'target') return second === 'authentication' ? 'keyFile' : 'address';
  if (first === 'jumps' && typeof second === 'number') {
    const field = third === 'authentication' ? 'keyFile' : 'address';
    return `jump-${form.jumps[second]?.id ?? 0}-${field}`;
  }
  return typeof first === 'string' ? first : 'form';
}

/** The contract's input, or what is wrong in plain words, by field. */
export function readForm(form: ApplianceForm): { input: ApplianceInput } | { errors: FormErrors } {
  const parsed = applianceInputSchema.safeParse({
    name: form.name.trim(),
    target: targetFrom(form.address, authenticationOf(form)),
    jumps: form.jumps.map((jump) => targetFrom(jump.address, jumpAuthentication(form, jump))),
    sudo: form.sudo,
    legacyAlgorithms: form.legacyAlgorithms,
    group: form.group,
    cluster: form.cluster,
    description: form.description,
    tags: form.tags,
    colour: form.colour,
  });
  const errors: FormErrors = {};
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const field = fieldOf(issue.path, form);
      errors[field] ??= plainWords[field.replace(/^jump-\d+-/u, '')] ?? issue.message;
    }
  }
  if (form.name.trim() === '') errors['name'] = 'Enter a name.';
  if (form.address.trim() === '') errors['address'] = 'Enter an address.';
  const hasMethod = form.agent || form.keyFile.trim() !== '' || form.password || form.keyboardInteractive;
  if (!hasMethod) errors['authentication'] = 'Choose at least one way to log in.';
  if (!parsed.success || Object.keys(errors).length > 0) return { errors };
  return { input: parsed.data };
}

const waysIn = ['agent', 'keyFile', 'password', 'keyboardInteractive'] as const;

/** What is still said to be wrong after `part` was changed. */
export function errorsAfter(errors: FormErrors, part: Partial<ApplianceForm>): FormErrors {
  const isSettled = (field: string): boolean =>
    field in part ||
    (field.startsWith('jump-') && 'jumps' in part) ||
    (field === 'authentication' && waysIn.some((way) => way in part));
  return Object.fromEntries(Object.entries(errors).filter(([field]) => !isSettled(field)));
}

export function formOf(entry: ApplianceEntry): ApplianceForm {
  const { agent, keyFile, password, keyboardInteractive } = entry.target.authentication;
  return {
    name: entry.name,
    address: formatAddress(entry.target),
    group: entry.group,
    cluster: entry.cluster,
    description: entry.description,
    tags: entry.tags,
    colour: entry.colour,
    agent,
    keyFile: keyFile ?? '',
    password,
    keyboardInteractive,
    jumps: entry.jumps.map((jump, index) => {
      const own = isSameWay(jump.authentication, entry.target.authentication) ? null : jump.authentication;
      return { id: index + 1, address: formatAddress(jump), keyFile: own?.keyFile ?? '', own };
    }),
    sudo: entry.sudo,
    legacyAlgorithms: entry.legacyAlgorithms,
  };
}
