import { expect, type Locator, type Page } from '@playwright/test';

/** Locates parts of the page as users do: by headings, names and texts, never by markup. */
export function createPages(page: Page) {
  const navigation = page.getByRole('navigation', { name: 'Pages and appliances' });
  const heading = (name: string) => page.getByRole('heading', { level: 1, name });
  const open = async (link: string, title: string) => {
    await navigation.getByRole('link', { name: link }).click();
    await expect(heading(title)).toBeVisible();
  };
  return {
    heading,
    fleet: {
      open: () => open('Fleet', 'Fleet'),
      row: (name: string): Locator =>
        page.getByRole('grid', { name: 'Appliances' }).getByRole('row', { name }),
      dot: (name: string, state: string): Locator =>
        navigation.getByRole('img', { name: `${name}: ${state}`, exact: true }),
    },
    tenants: {
      open: () => open('Tenants & ports', 'Tenants & ports'),
      rows: (): Locator =>
        page
          .getByRole('grid')
          .getByRole('row')
          .filter({ has: page.getByTestId('chain') }),
    },
    syslog: {
      open: () => open('Syslog', 'Syslog'),
      log: (): Locator => page.getByRole('listbox', { name: 'Syslog lines' }),
      lines: (): Locator => page.getByTestId('log-line'),
      unseen: (): Locator => page.getByTestId('unseen'),
    },
    licences: {
      open: () => open('Licences', 'Licences'),
    },
    audit: {
      open: () => open('Audit', 'Audit'),
      verdict: (): Locator => page.getByTestId('verdict'),
    },
    /** The colours that the page really shows, whatever was requested. */
    scheme: async (): Promise<'dark' | 'light'> => {
      const body = page.locator('body');
      const lightness = async (property: string) => {
        const colour = await body.evaluate(
          (element, name) =>
            element.ownerDocument.defaultView?.getComputedStyle(element).getPropertyValue(name),
          property,
        );
        const parts = /^rgb\((\d+), (\d+), (\d+)\)$/
          .exec(colour ?? '')
          ?.slice(1)
          .map(Number);
        if (parts === undefined) throw new Error(`${property} is ${colour}`);
        return parts.reduce((sum, part) => sum + part, 0);
      };
      return (await lightness('background-color')) < (await lightness('color')) ? 'dark' : 'light';
    },
    addDialog: () => page.getByRole('dialog', { name: 'Add appliance' }),
  };
}

/** Replaces the text as a user does; Playwright's `fill` skips the events that the editor handles. */
export async function replaceText(editor: Locator, text: string): Promise<void> {
  await editor.press('Control+a');
  await editor.page().keyboard.insertText(text);
}
