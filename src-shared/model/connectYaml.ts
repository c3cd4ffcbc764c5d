import { isAlias, isNode, LineCounter, parseDocument, visit } from 'yaml';
import { z } from 'zod';
import { AppError } from '../errors.ts';
import { fingerprintSchema } from './hostKey.ts';

/**
 * Connect's configuration **[doc]**: `appliance`, `ssh_key` and `repositories: {GROUP: {REPOSITORY: URI}}`. Besides these, **[ours]**:
 * `host_key` pins the appliance's host key, `bind_address` is the local address that Connect dials from.
 */
const maximumLength = 256 * 1024;
const maximumProblems = 20;

/** Services that Connect may forward to **[doc]**, and the schemes of those that speak several. */
const repositoryServices = {
  smb: [],
  webdav: ['http', 'https'],
  cmis: ['http', 'https'],
  alfresco: ['http', 'https'],
  cq5: ['http', 'https'],
} as const satisfies Record<string, readonly string[]>;
export type RepositoryService = keyof typeof repositoryServices;

const serviceNames = Object.keys(repositoryServices);
const isService = (name: string): name is RepositoryService => serviceNames.includes(name);

/** `service[+scheme]://host:port[path]` **[doc]**, taken apart. An IPv6 `host` has no brackets here. */
export type RepositoryUri = {
  service: RepositoryService;
  scheme: string | null;
  host: string;
  port: number;
  path: string;
};
export type ConnectRepository = { group: string; repository: string; uri: RepositoryUri };
export type ConnectConfiguration = {
  appliance: { host: string; port: number };
  sshKey: string;
  hostKey: string | null;
  bindAddress: string | null;
  /** By group, then by repository, in code-unit order. */
  repositories: ConnectRepository[];
};

/** Something wrong in the text. `line` and `column` count from 1; null where the fault has no place. */
export type ConnectYamlProblem = {
  severity: 'error' | 'warning';
  line: number | null;
  column: number | null;
  /** E.g. `repositories.example_group.example_repo`; empty for the text as a whole. */
  where: string;
  message: string;
};

function readPort(digits: string): number | null {
  const port = Number(digits);
  return /^\d{1,5}$/u.test(digits) && port >= 1 && port <= 65_535 ? port : null;
}

type Endpoint = { host: string; port: number };

function readEndpoint(text: string): Endpoint | string {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9_](?:[A-Za-z0-9._-]{0,252})))(?::(.*))?$/u.exec(text);
  if (match === null) return 'no host name or address is recognised; an IPv6 address needs brackets';
  const [, bracketed, plain, digits] = match;
  if (digits === undefined) return 'the port is missing; it must be host:port';
  const port = readPort(digits);
  return port === null
    ? 'the port must be a number from 1 to 65535'
    : { host: bracketed ?? plain ?? '', port };
}

/** Takes a repository's URI apart, or says in one sentence why it can't. */
export function readRepositoryUri(text: string): RepositoryUri | string {
  const match = /^([A-Za-z0-9]+)(?:\+([A-Za-z0-9]*))?:\/\/([^/?#]*)(.*)$/u.exec(text);
  if (match === null) return 'a repository is written service[+scheme]://host:port[path]';
  const [, service = '', scheme, authority = '', path = ''] = match;
  if (!isService(service)) return `unknown service ${service}; known are ${serviceNames.join(', ')}`;
  const schemes: readonly string[] = repositoryServices[service];
  if (schemes.length === 0 && scheme !== undefined) return `${service} takes no scheme; write ${service}://`;
  if (schemes.length > 0 && (scheme === undefined || !schemes.includes(scheme)))
    return `${service} speaks several protocols; write ${schemes.map((one) => `${service}+${one}://`).join(' or ')}`;
  if (authority.includes('@')) return 'user names and passwords do not belong into connect.yaml';
  if (path !== '' && !path.startsWith('/')) return 'the path must start with /';
  const endpoint = readEndpoint(authority);
  return typeof endpoint === 'string' ? endpoint : { service, scheme: scheme ?? null, ...endpoint, path };
}

export function formatRepositoryUri(uri: RepositoryUri): string {
  const host = uri.host.includes(':') ? `[${uri.host}]` : uri.host;
  return `${uri.service}${uri.scheme === null ? '' : `+${uri.scheme}`}://${host}:${uri.port}${uri.path}`;
}

function parsedBy<Value extends object>(read: (text: string) => Value | string) {
  return z
    .string({ error: 'must be text' })
    .max(2000)
    .regex(/^[^\u0000-\u0020\u007f]+$/u, 'must be one word without control characters')
    .transform((text, context) => {
      const value = read(text);
      if (typeof value !== 'string') return value;
      context.addIssue({ code: 'custom', message: value });
      return z.NEVER;
    });
}

const nameSchema = z
  .string()
  .regex(
    /^[^\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]{1,128}$/u,
    'a name has 1 to 128 characters, none of them a control or direction character',
  );
const repositoriesSchema = z.record(
  nameSchema,
  z.record(nameSchema, parsedBy(readRepositoryUri), 'must list repositories'),
  {
    error: 'must list groups',
  },
);
const pathSchema = z
  .string({ error: 'must be the path of a private key' })
  .regex(/^[^\u0000-\u001f]{1,4096}$/u, 'must be the path of a private key');

const fileSchema = z.object(
  {
    appliance: parsedBy(readEndpoint),
    ssh_key: pathSchema,
    repositories: repositoriesSchema,
    host_key: fingerprintSchema.optional(),
    bind_address: z.union([z.ipv4(), z.ipv6()], { error: 'must be an IP address' }).optional(),
  },
  { error: 'connect.yaml must hold appliance, ssh_key and repositories' },
);
const knownKeys = Object.keys(fileSchema.shape);

const byCodeUnit = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

function toConfiguration(file: z.infer<typeof fileSchema>): ConnectConfiguration {
  const repositories = Object.entries(file.repositories).flatMap(([group, members]) =>
    Object.entries(members).map(([repository, uri]) => ({ group, repository, uri })),
  );
  return {
    appliance: file.appliance,
    sshKey: file.ssh_key,
    hostKey: file.host_key ?? null,
    bindAddress: file.bind_address ?? null,
    repositories: repositories.sort(
      (left, right) => byCodeUnit(left.group, right.group) || byCodeUnit(left.repository, right.repository),
    ),
  };
}

const whole = (message: string): { configuration: null; problems: ConnectYamlProblem[] } => ({
  configuration: null,
  problems: [{ severity: 'error', line: null, column: null, where: '', message }],
});

/** Reads the text and tells all that is wrong with it. Never throws. `configuration` is null when there is an error. */
export function inspectConnectYaml(text: string): {
  configuration: ConnectConfiguration | null;
  problems: ConnectYamlProblem[];
} {
  if (text.length > maximumLength) return whole(`is longer than ${maximumLength / 1024} kB`);
  try {
    return inspectBounded(text);
  } catch {
    // The YAML reader is recursive: text that is nested thousands of levels deep exhausts the stack.
    return whole('can not be read as YAML: it is nested too deep');
  }
}

function inspectBounded(text: string): {
  configuration: ConnectConfiguration | null;
  problems: ConnectYamlProblem[];
} {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const problems: ConnectYamlProblem[] = [];
  const report = (problem: {
    severity: ConnectYamlProblem['severity'];
    offset: number | undefined;
    where: string;
    message: string;
  }): void => {
    const place = problem.offset === undefined ? null : lines.linePos(problem.offset);
    const { severity, where, message } = problem;
    problems.push({
      severity,
      line: place === null || place.line === 0 ? null : place.line,
      column: place === null || place.line === 0 ? null : place.col,
      where,
      message,
    });
  };
  for (const fault of document.errors.slice(0, maximumProblems))
    report({ severity: 'error', offset: fault.pos[0], where: '', message: fault.message });
  // Aliases could expand to any size, and connect.yaml has no use for them.
  visit(document, {
    Alias: (_key, alias) => {
      report({ severity: 'error', offset: alias.range?.[0], where: '', message: 'aliases are not allowed' });
      return visit.BREAK;
    },
  });
  if (problems.length > 0) return { configuration: null, problems };

  const offsetOf = (path: readonly PropertyKey[]): number | undefined => {
    for (let length = path.length; length >= 0; length -= 1) {
      const node: unknown = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
      if (isNode(node) && !isAlias(node) && node.range != null) return node.range[0];
    }
    return undefined;
  };
  const value: unknown = document.toJS({ maxAliasCount: 0 });
  const parsed = fileSchema.safeParse(value);
  if (!parsed.success) {
    for (const issue of parsed.error.issues)
      report({
        severity: 'error',
        offset: offsetOf(issue.path),
        where: issue.path.map(String).join('.'),
        message: messageOf(issue),
      });
    return { configuration: null, problems };
  }
  const present = z.record(z.string(), z.unknown()).parse(value);
  for (const key of Object.keys(present).filter((one) => !knownKeys.includes(one)))
    report({
      severity: 'warning',
      offset: offsetOf([key]),
      where: key,
      message: `unknown key ${key} is not used`,
    });
  return { configuration: toConfiguration(parsed.data), problems };
}

function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_key') return issue.issues[0]?.message ?? issue.message;
  if (issue.code === 'invalid_type' && issue.input === undefined && issue.path.length > 0)
    return 'is missing';
  return issue.message;
}

export function formatConnectYamlProblem(problem: ConnectYamlProblem): string {
  const line = problem.line === null ? 'connect.yaml' : `connect.yaml line ${problem.line}`;
  return problem.where === ''
    ? `${line}: ${problem.message}`
    : `${line}: ${problem.where}: ${problem.message}`;
}

/** Throws AppError INVALID_INPUT, whose message names the first fault and whose detail lists all. */
export function parseConnectYaml(text: string): ConnectConfiguration {
  const { configuration, problems } = inspectConnectYaml(text);
  if (configuration !== null) return configuration;
  const first = problems.find((problem) => problem.severity === 'error');
  throw new AppError(
    'INVALID_INPUT',
    first === undefined ? 'connect.yaml can not be read' : formatConnectYamlProblem(first),
    { detail: { problems } },
  );
}
