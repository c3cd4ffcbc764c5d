import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { iconSizes, writeIcns, writeIco, type IconPicture } from './iconFiles.ts';

/**
 * `makeIcons.ts`: draws build/icon.svg in all sizes with Debian's Chromium, and writes the PNG, ICO and ICNS files beside
 * it. Run it after the SVG changed, and commit the files.
 */
const folder = 'build';
const svg = readFileSync(join(folder, 'icon.svg'), 'utf8');
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
const pictures: IconPicture[] = [];
try {
  const page = await browser.newPage();
  for (const size of iconSizes) {
    await page.setViewportSize({ width: size, height: size });
    await page.setContent(
      `<style>html,body{margin:0;background:transparent}svg{display:block;width:${size}px;height:${size}px}</style>${svg}`,
    );
    pictures.push({ size, png: await page.screenshot({ omitBackground: true }) });
  }
} finally {
  await browser.close();
}
mkdirSync(join(folder, 'icons'), { recursive: true });
for (const { size, png } of pictures) writeFileSync(join(folder, 'icons', `${size}x${size}.png`), png);
writeFileSync(join(folder, 'icon.ico'), writeIco(pictures));
writeFileSync(join(folder, 'icon.icns'), writeIcns(pictures));
