import { expect, test } from './fixtures.ts';
import { pagesOf } from './pages.ts';

test.use({ viewport: { width: 780, height: 700 } });

test('a window narrower than the page scrolls to what lies at its right', async ({ openConsole }) => {
  const page = await openConsole();
  const { tenants } = pagesOf(page);
  await tenants.open();
  const add = page.getByRole('button', { name: 'Add tenant' });
  // Users scroll with a wheel or a scroll bar, neither of which moves content that is only clipped.
  await page.mouse.move(600, 400);
  await page.mouse.wheel(500, 0);
  await expect(add).toBeInViewport({ ratio: 1 });
});
