import { z } from 'zod';
import type { YamlPath } from '../../base/boundedYaml.ts';

/** The mask in place of a secret. In a candidate it means "keep the present secret" **[ours]**. */
export const secretMask = '••••••••';

const text = z.union([z.string().max(65_536), z.number()]);
const port = z.union([z.int().min(1).max(65_535), z.string().regex(/^[1-9]\d{0,4}$/u, 'must be a port')]);

/**
 * The known keys of `/data/kloudless.yml` **[doc]**. Unknown keys are kept and not checked. Messages never quote a
 * value.
 */
export const configurationSchema = z.looseObject({
  hostname: z.string().min(1).max(253).optional(),
  license_code: z.string().max(128).nullish(),
  ssl: z.looseObject({ is_configured: z.boolean().optional() }).nullish(),
  redis: z.unknown().optional(),
  db: z
    .looseObject({
      name: text.optional(),
      user: text.optional(),
      password: text.nullish(),
      host: text.optional(),
      port: port.optional(),
    })
    .nullish(),
  api: z.looseObject({ secret_key: text.nullish(), aes_key: text.nullish() }).nullish(),
  devs: z.looseObject({ secret_key: text.nullish() }).nullish(),
  pki: z.looseObject({}).nullish(),
});

/** What the editor says about a known key. `isSecret`: its value never leaves the appliance unmasked. */
export const configurationKeys: Readonly<Record<string, { meaning: string; isSecret: boolean }>> = {
  hostname: { meaning: 'The name under which clients reach the appliance', isSecret: false },
  license_code: { meaning: 'The licence key of the connected mode', isSecret: true },
  'ssl.is_configured': { meaning: 'Whether the appliance has its own certificate', isSecret: false },
  redis: { meaning: 'The Redis server', isSecret: true },
  'db.name': { meaning: 'The name of the database', isSecret: false },
  'db.user': { meaning: 'The user of the database', isSecret: false },
  'db.password': { meaning: 'The password of the database', isSecret: true },
  'db.host': { meaning: 'The host of the database', isSecret: false },
  'db.port': { meaning: 'The port of the database', isSecret: false },
  'api.secret_key': { meaning: 'The key that signs sessions of the API', isSecret: true },
  'api.aes_key': { meaning: 'The key that encrypts stored tokens', isSecret: true },
  'devs.secret_key': { meaning: 'The key that signs sessions of the developer portal', isSecret: true },
  pki: { meaning: 'Certificates and their private keys', isSecret: true },
};

const secretWords = /pass|pwd|secret|token|key|cred|private|auth|salt|seed|cert|pin\b|license|licence/iu;
/** Names whose text is shown, also below unknown keys. */
const harmlessNames =
  /^(?:(?:host|domain|user)_?names?|hosts?|ports?|name|user|database|enabled|is_\w+|region|time_?zone|(?:log_?)?level|size|timeout|interval|version|protocol|scheme)$/iu;
/** A password in an address, or a PEM block. */
const secretText = /:\/\/[^\s/@]*:[^\s/@]*@|-----BEGIN/u;

/**
 * Whether the value is masked. Text is shown only under known or harmless names, because an unknown key may hold a
 * secret.
 */
export function isSecretValue(path: YamlPath, value: unknown): boolean {
  if (value === null || value === '') return false;
  const names = path.filter((part) => typeof part === 'string');
  const known = path.join('.');
  if ((typeof value === 'string' && secretText.test(value)) || path[0] === 'pki') return true;
  if (Object.hasOwn(configurationKeys, known)) return configurationKeys[known]?.isSecret === true;
  if (names.some((name) => secretWords.test(name))) return true;
  return typeof value === 'string' && !harmlessNames.test(names.at(-1) ?? '');
}

/** Whether a comment may hold a secret: it has a word for a secret, an address with a password, or a random text. */
export function isSecretComment(comment: string): boolean {
  return (
    secretWords.test(comment) ||
    secretText.test(comment) ||
    comment.split(/[\s"'=:,]+/u).some((word) => word.length >= 12 && /\d/u.test(word) && /[a-z]/iu.test(word))
  );
}
