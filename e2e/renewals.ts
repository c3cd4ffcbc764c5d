import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Download, Page } from '@playwright/test';
import { expect } from './fixtures.ts';
import { addAppliance } from './programs.ts';
import { createPages } from './pages.ts';

const authorityProgram = join(import.meta.dirname, '../src-appliance/authority/main.ts');

type Lab = { authority: { folder: string } };

/** Runs the lab's licence authority, as its vendor. */
export function runAuthority({ authority }: Lab, argv: readonly string[], input = ''): string {
  const flags = ['--disable-warning=ExperimentalWarning', authorityProgram, '--data', authority.folder];
  return execFileSync(process.execPath, [...flags, ...argv], {
    input,
    stdio: ['pipe', 'pipe', 'ignore'],
  }).toString();
}

/** What the vendor sends back. */
export const answerOf = (lab: Lab, request: string): string =>
  runAuthority(lab, ['answer', '-'], request).trim();

export const textOf = async (download: Promise<Download>) => readFile(await (await download).path(), 'utf8');

export const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true });
export const verification = (page: Page) => page.getByRole('region', { name: 'Verification' });

/** The last offline appliance of the lab, entered in the console. Tests renew it one after the other. */
export async function enterOffline(
  lab: { appliances: Parameters<typeof addAppliance>[1][]; authority: { offline: string[] } },
  dataFolder: string,
): Promise<string> {
  const appliance = lab.appliances.findLast(({ name }) => lab.authority.offline.includes(name));
  if (appliance === undefined) throw new Error('the lab has no offline appliance');
  await addAppliance(dataFolder, appliance);
  return appliance.name;
}

/** Opens a renewal from the page of licences. */
export async function makeRequest(page: Page): Promise<void> {
  await createPages(page).licences.open();
  await page.getByRole('button', { name: 'Renew offline…' }).first().click();
  await page.getByRole('dialog').getByRole('button', { name: 'Make the request' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Renew offline' })).toBeVisible();
}

export async function saveRequest(page: Page): Promise<string> {
  const saving = page.waitForEvent('download');
  await button(page, 'Save file…').click();
  return textOf(saving);
}
