import { z } from 'zod';
import { formatYamlPath, type YamlPath } from '../../base/boundedYaml.ts';

/** The mask in place of a secret. In a candidate it means "keep the present secret" **[ours]**. */
export const secretMask = '••••••••';

const text = z.union([z.string().max(65_536), z.number()]);
const port = z.union([
  z.int().min(1).max(65_535),
  z.string().refine((value) => /^[1-9]\d{0,4}$/u.test(value) && Number(value) <= 65_535),
]);

/** What is known about a key of `/data/kloudless.yml` **[doc]**. */
type ConfigurationKey = {
  meaning: string;
  /** Its value never leaves the appliance unmasked. */
  isSecret: boolean;
  /** What the value must be, in words. */
  form: string;
  schema: z.ZodType;
};

const plainText = { form: 'text', schema: text } as const;
const secretKey = { form: 'text', schema: text.nullable(), isSecret: true } as const;

/**
 * The known keys **[doc]**. Unknown keys are kept and not checked. Messages never quote a value.
 */
export const configurationKeys: Readonly<Record<string, ConfigurationKey>> = {
  hostname: {
    meaning: 'The name under which clients reach the appliance',
    isSecret: false,
    form: 'a host name of at most 253 characters',
    schema: z.string().min(1).max(253),
  },
  license_code: {
    meaning: 'The licence key of the connected mode',
    isSecret: true,
    form: 'text of at most 128 characters',
    schema: z.string().max(128).nullable(),
  },
  'ssl.is_configured': {
    meaning: 'Whether the appliance has its own certificate',
    isSecret: false,
    form: 'true or false',
    schema: z.boolean(),
  },
  redis: { meaning: 'The Redis server', isSecret: true, form: 'text or keys', schema: z.unknown() },
  'db.name': { meaning: 'The name of the database', isSecret: false, ...plainText },
  'db.user': { meaning: 'The user of the database', isSecret: false, ...plainText },
  'db.password': { meaning: 'The password of the database', ...secretKey },
  'db.host': { meaning: 'The host of the database', isSecret: false, ...plainText },
  'db.port': {
    meaning: 'The port of the database',
    isSecret: false,
    form: 'a number from 1 to 65535',
    schema: port,
  },
  'api.secret_key': { meaning: 'The key that signs sessions of the API', ...secretKey },
  'api.aes_key': { meaning: 'The key that encrypts stored tokens', ...secretKey },
  'devs.secret_key': { meaning: 'The key that signs sessions of the developer portal', ...secretKey },
  pki: {
    meaning: 'Certificates and their private keys',
    isSecret: true,
    form: 'keys',
    schema: z.looseObject({}).nullable(),
  },
};

/** The values that a key can have, if they are few. */
export function listConfigurationValues(name: string): string[] {
  if (!Object.hasOwn(configurationKeys, name)) return [];
  return configurationKeys[name]?.schema instanceof z.ZodBoolean ? ['true', 'false'] : [];
}

/** The schema of the whole file, from the table of its keys. */
export const configurationSchema = z.lazy(() => buildSchema(Object.entries(configurationKeys)));

function buildSchema(entries: readonly (readonly [name: string, { schema: z.ZodType }])[]) {
  const groups = new Map<string, [string, { schema: z.ZodType }][]>();
  const shape: Record<string, z.ZodType> = {};
  for (const [name, key] of entries) {
    const [group = '', ...rest] = name.split('.');
    if (rest.length === 0) shape[name] = key.schema.optional();
    else groups.set(group, [...(groups.get(group) ?? []), [rest.join('.'), key]]);
  }
  for (const [group, below] of groups) shape[group] = buildSchema(below).nullish();
  return z.looseObject(shape);
}

const secretWords =
  /pass|pwd|secret|token|key|cred|private|auth|salt|seed|cert|hmac|signature|bearer|cookie|otp\b|code\b|pin\b|license|licence/iu;
/** Names whose text is shown, also below unknown keys. */
const harmlessNames =
  /^(?:(?:host|domain|user)_?names?|hosts?|ports?|name|user|database|enabled|is_\w+|region|time_?zone|(?:log_?)?level|size|timeout|interval|version|protocol|scheme)$/iu;
/** A user or password in an address, a secret in its query, a PEM block, or a JSON Web Token. Bounded, to stay linear. */
const secretText =
  /:\/\/\S{0,512}@|[?&;]\w{0,64}(?:pass|pwd|secret|token|key|cred|auth|sig|code)\w{0,64}=|-----BEGIN|\beyJ[\w-]{8}/iu;
/** An unknown number with at least so many digits may be a PIN or an account. */
const secretDigits = 6;

/**
 * Whether the value is masked. Text and long numbers are shown only under known or harmless names, because an unknown key
 * may hold a secret.
 */
export function isSecretValue(path: YamlPath, value: unknown): boolean {
  if (value === null || value === '') return false;
  const names = path.filter((part) => typeof part === 'string');
  const known = formatYamlPath(path);
  if ((typeof value === 'string' && secretText.test(value)) || path[0] === 'pki') return true;
  if (Object.hasOwn(configurationKeys, known)) return configurationKeys[known]?.isSecret === true;
  if (names.some((name) => secretWords.test(name))) return true;
  return mayHoldSecret(value) && !harmlessNames.test(names.at(-1) ?? '');
}

/** A part of a name that is so long, and has so many digits, may be a token. Shorter below a name like `tokens`. */
const randomName = { length: 16, lengthBelowSecret: 8, digits: 3 };

/**
 * Whether the name of a key may be a secret itself. Names are never masked, because a mask could not be restored; so a file
 * with such a name is neither shown nor accepted **[ours]**.
 */
export function isSecretName(name: string, parents: readonly string[]): boolean {
  if (secretText.test(name)) return true;
  const isBelowSecret = parents.some((parent) => secretWords.test(parent));
  const least = isBelowSecret ? randomName.lengthBelowSecret : randomName.length;
  return name
    .split(/[^a-z\d]+/iu)
    .some(
      (part) =>
        part.length >= least &&
        /[a-z]/iu.test(part) &&
        part.replaceAll(/\D/gu, '').length >= randomName.digits,
    );
}

function mayHoldSecret(value: unknown): boolean {
  if (typeof value === 'string') return true;
  return typeof value === 'number' || typeof value === 'bigint'
    ? String(value).replaceAll(/\D/gu, '').length >= secretDigits
    : false;
}

/** Whether a comment may hold a secret: it has a word for a secret, an address with a password, or a random text. */
export function isSecretComment(comment: string): boolean {
  return (
    secretWords.test(comment) ||
    secretText.test(comment) ||
    comment.split(/[\s"'=:,]+/u).some((word) => word.length >= 12 && /\d/u.test(word) && /[a-z]/iu.test(word))
  );
}
