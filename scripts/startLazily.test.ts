import { runInNewContext } from 'node:vm';
import { parseAst } from 'vite';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { wrapModules, wrapSchemas } from './startLazily.ts';

const wrap = (code: string) => wrapSchemas(code, parseAst(code));

describe('wrapSchemas', () => {
  it.each([
    ['const a = z.string();', 'const a = startLazily(() => z.string());'],
    ['export const a = z.int().min(1).max(2);', 'export const a = startLazily(() => z.int().min(1).max(2));'],
    ['const at = z.iso.datetime().max(40);', 'const at = startLazily(() => z.iso.datetime().max(40));'],
    ['const b = aSchema.omit({ port: true });', 'const b = startLazily(() => aSchema.omit({ port: true }));'],
    [
      'const a = { b: z.string(), c: [z.int()] };',
      'const a = { b: startLazily(() => z.string()), c: [startLazily(() => z.int())] };',
    ],
    [
      'read({ schema: z.object({ a: z.string() }) });',
      'read({ schema: startLazily(() => z.object({ a: z.string() })) });',
    ],
  ])('makes the schema later in: %s', (code, wrapped) => {
    expect(wrap(code)).toBe(wrapped);
  });

  it.each([
    'const make = () => z.string();',
    'function make() { return z.string(); }',
    'const text = z.toJSONSchema(aSchema);',
    'const value = aSchema.parse(1);',
    'const list = one.omit({ a: true });',
  ])('when a statement makes no schema, leaves it: %s', (code) => {
    expect(wrap(code)).toBe(code);
  });
});

const run = (chunk: string, globals: Record<string, unknown>): unknown =>
  runInNewContext(wrapModules(chunk), globals);

describe('wrapModules', () => {
  it('loads a built-in module at its first use, once', () => {
    const loaded: string[] = [];
    const require = (name: string) => {
      loaded.push(name);
      return { join: (...parts: string[]) => parts.join('/') };
    };
    const context = { require, uses: 0, loadedBefore: 0, loaded };
    const use = 'loadedBefore = loaded.length; [node_path.join("a", "b"), node_path.join("c")]';
    const modules = 'let node_path = require("node:path");\nlet node_net = require("node:net");\n';
    expect(run(modules + use, context)).toEqual(['a/b', 'c']);
    expect(context.loadedBefore).toBe(0);
    expect(loaded).toEqual(['node:path']);
  });
});

/** A built file with a CommonJS package. */
const chunk = (use: string) =>
  `var require_lib = () => { loaded.push("lib"); return { two: 2 }; };\nvar __toESM = (value) => value;\nvar import_lib = /* @__PURE__ */ __toESM(require_lib(), 1);\n${use}`;

describe('wrapModules, with a CommonJS package', () => {
  it('loads a package at its first use', () => {
    const loaded: string[] = [];
    expect(run(chunk('[loaded.length, import_lib.two]'), { loaded })).toEqual([0, 2]);
  });

  it('when a package is imported without a name, loads it at once', () => {
    const loaded: string[] = [];
    expect(run(chunk('loaded.length'), { loaded })).toBe(1);
  });
});

describe('a schema that is made at its first use', () => {
  const declared =
    'const portSchema = z.int().min(1).max(9); const kinds = z.enum(["a", "b"]); const list = z.strictObject({ kind: kinds.optional(), ports: z.array(portSchema), either: z.union([portSchema, kinds]) }); const one = z.discriminatedUnion("t", [z.object({ t: z.literal(1) }), z.object({ t: z.literal(2), list })]);';
  const list = { kind: 'a', ports: [1, 9], either: 'b' };

  it.each([
    ['one.parse(value)', { t: 2, list }, { t: 2, list }],
    [
      'one.safeParse(value).error.issues[0].path',
      { t: 2, list: { ...list, ports: [0] } },
      ['list', 'ports', 0],
    ],
    ['one.safeParse(value).success', { t: 3 }, false],
    ['kinds.options', null, ['a', 'b']],
    ['list.extend({ more: portSchema }).safeParse(value).success', { ...list, more: 10 }, false],
    ['list.extend({ more: portSchema }).safeParse(value).success', { ...list, more: 9 }, true],
    ['[kinds instanceof z.ZodEnum, kinds instanceof z.ZodObject]', null, [true, false]],
    ['portSchema.meta({ title: "port" }).meta()', null, { title: 'port' }],
  ])('works like one that is made at once: %s', (expression, value, result) => {
    expect(run(`${wrap(declared)}\n${expression}`, { z, value })).toEqual(result);
    expect(run(`${declared}\n${expression}`, { z, value })).toEqual(result);
  });
});
