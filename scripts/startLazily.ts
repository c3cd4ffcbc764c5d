import type { Plugin } from 'vite';

/** Makes an object at its first use. Only properties of the object are read, as of schemas and modules. */
const helper = `const startLazily = (make) => {
	let made;
	const get = () => (made ??= make());
	return new Proxy({}, { get: (_, key) => get()[key], has: (_, key) => key in get() });
};`;

type Node = { type: string; start: number; end: number; [key: string]: unknown };

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';

/** Methods of a schema that return a schema. */
const schemaMethods: ReadonlySet<unknown> = new Set(
  'and array brand catch check default describe endsWith extend gt gte includes length lowercase lt lte max meta min multipleOf nonempty nonnegative nullable nullish omit optional or overwrite partial pick pipe positive prefault readonly refine regex required safeExtend startsWith strict strip superRefine toLowerCase transform trim unwrap uuid'.split(
    ' ',
  ),
);
/** Members of `z` whose calls return something else. */
const otherMembers: ReadonlySet<unknown> = new Set(['config', 'registry', 'toJSONSchema', 'prettifyError']);

/** Whether the expression is a schema: `z.object(…)`, `z.iso.datetime(…)` or `xSchema.omit(…)`, also with more calls after it. */
function isSchema(expression: unknown): boolean {
  if (!isNode(expression) || expression.type !== 'CallExpression') return false;
  const { callee } = expression;
  if (!isNode(callee) || callee.type !== 'MemberExpression' || !isNode(callee['property'])) return false;
  const { object, property } = callee;
  const method = property['name'];
  if (!isNode(object)) return false;
  const isOfZod = object.type === 'Identifier' && object['name'] === 'z';
  if (isOfZod) return !otherMembers.has(method);
  if (object.type === 'MemberExpression') return isNode(object['object']) && object['object']['name'] === 'z';
  if (!schemaMethods.has(method)) return false;
  return object.type === 'Identifier' ? String(object['name']).endsWith('Schema') : isSchema(object);
}

/** The schemas that are made when the module is loaded, without those inside others. */
function* findSchemas(node: unknown): Generator<Node> {
  if (Array.isArray(node)) for (const part of node) yield* findSchemas(part);
  if (!isNode(node) || /Function|Class/u.test(node.type)) return;
  if (isSchema(node)) yield node;
  else for (const part of Object.values(node)) yield* findSchemas(part);
}

/** Makes each schema of a module at its first use. `program` is the module's syntax tree. */
export function wrapSchemas(code: string, program: unknown): string {
  let wrapped = '';
  let end = 0;
  for (const schema of [...findSchemas(program)].sort((one, other) => one.start - other.start)) {
    wrapped += `${code.slice(end, schema.start)}startLazily(() => ${code.slice(schema.start, schema.end)})`;
    end = schema.end;
  }
  return wrapped + code.slice(end);
}

const builtIn = /^let (\w+) = (require\("node:[\w/]+"\));$/gmu;
const commonJs =
  /^(?:\t|var )(import_[\w$]+) = (require_[\w$]+\(\)|\/\* @__PURE__ \*\/ __toESM\(require_[\w$]+\(\)(?:, 1)?\));$/gmu;

/** How often each name occurs that begins with `import_`. */
function countImports(chunk: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const [name] of chunk.matchAll(/(?<![\w$])import_[\w$]+/gu))
    counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/**
 * Loads each built-in module, and each CommonJS package, at its first use. A package that is imported without a name, such
 * as a polyfill, has no use, and is loaded at once.
 */
export function wrapModules(chunk: string): string {
  const counts = countImports(chunk);
  const lazy = chunk
    .replaceAll(builtIn, 'const $1 = startLazily(() => $2);')
    .replaceAll(commonJs, (statement, name: string, load: string) =>
      (counts.get(name) ?? 0) > 1 ? statement.replace(load, () => `startLazily(() => ${load})`) : statement,
    );
  return `${helper}\n${lazy}`;
}

/**
 * For programs that end after one short task, which needs few of the schemas and modules: to make and load all of them is
 * most of the start.
 */
export function startLazily(applyToEnvironment: (environment: { name: string }) => boolean): Plugin {
  return {
    name: 'start-lazily',
    applyToEnvironment,
    transform: {
      filter: { id: /\/src-(?:shared|main|appliance)\/.*\.ts$/u },
      handler(code) {
        return { code: wrapSchemas(code, this.parse(code)), map: null };
      },
    },
    renderChunk: (code) => ({ code: wrapModules(code), map: null }),
  };
}
