import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import axe from 'axe-core';
import { z } from 'zod';
import { expect, test } from './fixtures.ts';
import { addViewedAppliances, views, visitViews } from './views.ts';

// Disable animations, because a moving element has a temporary position and colour.
test.use({ contextOptions: { reducedMotion: 'reduce' }, trace: 'off', actionTimeout: 60_000 });

const violationsSchema = z.array(
  z.object({ id: z.string(), impact: z.string(), nodes: z.array(z.string()) }),
);

/**
 * Returns the accessibility violations that axe finds. Runs axe over the DevTools protocol, which the page's
 * policy allows.
 */
async function findViolations(page: Page): Promise<z.infer<typeof violationsSchema>> {
  // A page keeps axe until it is loaded again.
  if (!(await page.evaluate(`typeof axe === 'object'`))) await page.evaluate(axe.source);
  const found: unknown = await page.evaluate(`axe.run(document, { resultTypes: ['violations'] }).then(
    ({ violations }) => violations.map(({ id, impact, nodes }) => ({
      id, impact, nodes: nodes.map(({ html, failureSummary }) => html.slice(0, 200) + ' ' + failureSummary),
    })))`);
  return violationsSchema.parse(found);
}

/**
 * Finds elements that extend beyond the window, or are cut off and can't be scrolled to. Tables and logs may
 * scroll sideways.
 */
const measure = `(() => {
  const root = document.documentElement;
  const faults = root.scrollWidth > root.clientWidth ? ['the document is wider than the window'] : [];
  const report = (fault, element) => faults.push(
    fault + ': ' + element.tagName + ' ' + element.className + ' ' + element.textContent.trim().slice(0, 60));
  for (const element of document.body.querySelectorAll('*')) {
    if (element.closest('[data-testid="table"], [data-testid="log"], [data-testid="kept-log"], svg, [aria-hidden="true"]') !== null) continue;
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    // What only screen readers see is clipped on purpose.
    if (style.clipPath !== 'none' || box.width === 0 || box.height === 0) continue;
    if (box.right > innerWidth + 1) report('outside', element);
    if (style.display === 'inline' || element.matches('input, textarea, select')) continue;
    const isWider = element.scrollWidth > element.clientWidth + 1;
    if (isWider && style.overflowX !== 'visible' && style.textOverflow !== 'ellipsis') report('cut', element);
    const isHigher = element.scrollHeight > element.clientHeight + 2;
    if (isHigher && ['hidden', 'clip'].includes(style.overflowY)) report('cut below', element);
  }
  for (const table of document.querySelectorAll('[role="grid"]')) {
    const end = [...table.querySelectorAll('th')].find((head) => /^(State|Outcome|Needs attention)/.test(head.textContent));
    if (end === undefined) report('no state', table);
    else if (end.getBoundingClientRect().right > innerWidth) report('state outside', table);
  }
  return faults;
})()`;

/** Looked at by several tests at the same time, because axe takes seconds for each view. */
const partCount = 4;
const parts = Array.from({ length: partCount }, (_, part) =>
  views.filter((_view, at) => at % partCount === part),
);
test.describe.configure({ mode: 'parallel' });

const softly = expect.configure({ soft: true });

test.beforeEach(async ({ lab, dataFolder }) => {
  const policyFile = join(dataFolder, 'policy.yaml');
  writeFileSync(
    policyFile,
    'settings:\n  tunnelTests: { atOnce: 4 }\n  notifications: { quietHours: null }\n',
  );
  process.env['SALLYPORT_POLICY'] = policyFile;
  await addViewedAppliances(dataFolder, lab.appliances);
});

test.afterEach(() => {
  delete process.env['SALLYPORT_POLICY'];
});

for (const [at, part] of parts.entries())
  test(`when any page, dialog, drawer or menu is open, axe finds nothing in either theme, and at 1024 and 720 pixels nothing is cut (${at + 1} of ${parts.length})`, async ({
    openConsole,
  }) => {
    const page = await openConsole();
    await visitViews(page, part, async ({ name }) => {
      for (const colorScheme of ['dark', 'light'] as const) {
        await page.emulateMedia({ colorScheme });
        expect.soft(await findViolations(page), `${name}, ${colorScheme}`).toEqual([]);
      }
      for (const width of [1024, 720]) {
        await page.setViewportSize({ width, height: 700 });
        // Tables choose their columns once they know their new width.
        await softly
          .poll(() => page.evaluate(measure), { message: `${name}, ${width}`, timeout: 20_000 })
          .toEqual([]);
      }
    });
  });
