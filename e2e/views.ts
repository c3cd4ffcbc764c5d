import { expect, type Page } from '@playwright/test';
import type { LabAnnouncement } from '../src-shared/model/appliance/labAnnouncement.ts';
import { addTripStates, tripIdOf, type TripState } from '../test-support/tripStates.ts';
import { replaceText } from './pages.ts';
import { addAppliance } from './programs.ts';

/** A view that users can see. `open` starts from the loaded page at `address`. */
type View = { name: string; address: string; shows: string; open?: (page: Page) => Promise<void> };

const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).first().click();

const selectedRow = (page: Page) =>
  page.getByRole('grid', { name: 'Tunnels' }).getByRole('row', { name: 'northwind 2200' });

const tunnel = '/tenants/kiln-01/northwind/2200';
const faultyConnectYaml = 'appliance: kiln-01\nrepositories:\n  a:\n    files: smb://files.nw.lan\n';

const trip = (state: TripState, step = '') =>
  `/licences/trips/${tripIdOf(state)}${step === '' ? '' : `?step=${step}`}`;

/**
 * Adds another tenant at each call, with a key pair generated on the appliance, and shows its private key.
 */
async function addWithNewKey(page: Page): Promise<void> {
  await press(page, 'Add tenant');
  const dialog = page.getByRole('dialog', { name: 'Add tenant' });
  await dialog.getByLabel('Client ID').fill(`key-${Date.now().toString(36)}`);
  await dialog.getByText('Generate a key pair on the appliance').click();
  await dialog.getByRole('button', { name: 'Show plan' }).click();
  await dialog.getByLabel('Reason', { exact: false }).fill('new customer');
  await dialog.getByRole('button', { name: 'Add tenant' }).click();
  await dialog.getByRole('button', { name: 'Show', exact: true }).click();
}

/** Every page, dialog, drawer and menu, on the appliances that `addViewedAppliances` enters. */
export const views: readonly View[] = [
  { name: 'Fleet', address: '/', shows: 'Needs attention' },
  {
    name: 'Export menu',
    address: '/',
    shows: 'rows as CSV',
    open: (page) => press(page, 'Export…'),
  },
  {
    name: 'Add appliance',
    address: '/',
    shows: 'Fetch fingerprint',
    open: async (page) => {
      await press(page, 'Add appliance');
      await page.getByText('all optional').click();
    },
  },
  {
    name: 'Import appliances',
    address: '/',
    shows: 'invalid 1',
    open: async (page) => {
      await press(page, 'Import…');
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('button', { name: 'CSV', exact: true }).click();
      await dialog
        .getByRole('textbox', { name: 'CSV' })
        .fill('name,address,tags\nkiln-09,ops@kiln-09.plant.lan,depot\nkiln-10,nowhere,\n');
    },
  },
  {
    name: 'Command palette',
    address: '/',
    shows: 'kiln-01',
    open: async (page) => {
      await press(page, /^Go to appliance/u);
      await page.getByRole('textbox', { name: 'Go to' }).fill('kiln');
    },
  },
  {
    name: 'Notifications',
    address: '/',
    shows: 'Notifications',
    open: (page) => press(page, /^Notifications/u),
  },
  {
    name: 'Keyboard shortcuts',
    address: '/tenants',
    shows: 'Keyboard shortcuts',
    open: (page) => page.keyboard.press('?'),
  },
  {
    name: 'Row menu',
    address: '/tenants',
    shows: 'Copy row',
    open: (page) => page.getByRole('row').filter({ hasText: 'northwind' }).first().click({ button: 'right' }),
  },
  { name: 'Licences', address: '/licences', shows: 'Cluster west' },
  { name: 'Licence table', address: '/licences?show=table', shows: 'Expires (UTC)' },
  { name: 'Renewals', address: '/licences?show=trips', shows: 'quay-07-0007' },
  {
    name: 'New request',
    address: '/licences',
    shows: 'Make the request',
    open: (page) => press(page, 'Renew offline…'),
  },
  {
    name: 'Trip file',
    address: '/licences',
    shows: 'Continue the trip',
    open: (page) => press(page, 'Continue from file…'),
  },
  { name: 'Snooze', address: '/licences?snooze=kiln-01', shows: 'Snooze kiln-01' },
  { name: 'Steps of a licence', address: '/licences?mark=kiln-01', shows: 'Steps of kiln-01' },
  { name: 'Plan of a connected window', address: '/licences?window=kiln-01', shows: 'Check first' },
  {
    name: 'Checked connected window',
    address: '/licences?window=kiln-01',
    shows: 'no longer listens',
    open: (page) => press(page, 'Check first'),
  },
  { name: 'Request', address: trip('opened'), shows: 'What is in the request' },
  {
    name: 'Request as JSON and text',
    address: trip('opened'),
    shows: 'Show as table',
    open: async (page) => {
      await press(page, 'Show as JSON');
      await press(page, 'Show');
    },
  },
  {
    name: 'Cancelling a renewal',
    address: trip('opened'),
    shows: 'Keep it',
    open: (page) => press(page, 'Cancel trip…'),
  },
  { name: 'Answer', address: trip('carried'), shows: 'Read the text' },
  { name: 'Answer with losses', address: trip('losses'), shows: 'Acknowledge each loss' },
  { name: 'Refused answer', address: trip('refused'), shows: 'the answer is refused' },
  { name: 'Answer after its dry run', address: trip('ready', 'verify'), shows: 'Will quay-07 accept it?' },
  { name: 'Licence to apply', address: trip('ready'), shows: 'What will run' },
  { name: 'Losses to apply', address: trip('warned'), shows: 'What will run' },
  { name: 'Unknown result of an apply', address: trip('unknown'), shows: 'Ask quay-07' },
  { name: 'Licence that was rolled back', address: trip('failed'), shows: 'was installed again' },
  { name: 'Receipt', address: trip('applied'), shows: 'applied and read back' },
  { name: 'Finished renewal', address: trip('done'), shows: 'This renewal is done.' },
  { name: 'Void renewal', address: trip('void'), shows: 'This renewal is void' },
  { name: 'Configuration', address: '/appliance/kiln-01/configuration', shows: 'Present configuration' },
  {
    name: 'Draft of a configuration',
    address: '/appliance/kiln-01/configuration',
    shows: 'fix 1 error',
    open: async (page) => {
      await press(page, 'Edit');
      await replaceText(
        page.getByRole('textbox', { name: 'Configuration of kiln-01' }),
        'hostname: kiln-01.example\ndb:\n  port: 70000\n',
      );
    },
  },
  {
    name: 'Completion in a configuration',
    address: '/appliance/kiln-01/configuration',
    shows: 'text of at most 128 characters',
    open: async (page) => {
      await press(page, 'Edit');
      await page.getByRole('textbox', { name: 'Configuration of kiln-01' }).press('Control+End');
      await page.keyboard.press('Control+Space');
    },
  },
  { name: 'Choice of a configuration', address: '/configuration', shows: 'Choose an appliance' },
  { name: 'Tenants & ports', address: '/tenants', shows: 'northwind' },
  { name: 'Tunnel', address: tunnel, shows: 'Last 30 days' },
  {
    name: 'Tunnel that needs attention',
    address: '/tenants/quay-01/soylent',
    shows: 'Message to the customer',
  },
  { name: 'Tenant', address: '/tenants/kiln-01/northwind', shows: 'Rotate key…' },
  { name: 'Missing tenant', address: '/tenants/kiln-01/missing', shows: 'No such tenant' },
  {
    name: 'Tenant menu',
    address: tunnel,
    shows: 'Remove northwind…',
    open: (page) => press(page, 'More actions on northwind'),
  },
  {
    name: 'Log lines of a tunnel',
    address: tunnel,
    shows: 'Hide log lines',
    open: (page) => press(page, 'Show log lines'),
  },
  {
    name: 'Code help',
    address: tunnel,
    shows: 'Layer:',
    open: (page) => press(page, /^What T-\d+ means/u),
  },
  {
    name: 'Code help from the table',
    address: '/tenants',
    shows: 'All tunnels with',
    open: (page) =>
      selectedRow(page)
        .getByRole('button', { name: /^T-\d+$/u })
        .click(),
  },
  {
    name: 'Contact and note',
    address: tunnel,
    shows: 'Kept by this console only',
    open: (page) => press(page, 'Add contact or note…'),
  },
  {
    name: 'Message to a customer',
    address: '/tenants/quay-01/soylent',
    shows: 'The console doesn’t send this message',
    open: (page) => press(page, 'Message to the customer…'),
  },
  {
    name: 'Handover pack',
    address: '/tenants/kiln-01/northwind',
    shows: 'This console uses',
    open: (page) => press(page, 'Create handover pack…'),
  },
  {
    name: 'Created handover pack',
    address: '/tenants/kiln-01/northwind',
    shows: 'Downloaded',
    open: async (page) => {
      await press(page, 'Create handover pack…');
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel(/^Public address/u).fill('kiln.example.com:22');
      await dialog.getByRole('button', { name: 'Create pack' }).click();
      await dialog.getByRole('button', { name: /^Download/u }).click();
    },
  },
  {
    name: 'Availability report',
    address: tunnel,
    shows: 'Save as CSV',
    open: (page) => press(page, 'Open report…'),
  },
  {
    name: 'Quota',
    address: tunnel,
    shows: 'Show plan',
    open: (page) => press(page, 'Change quota…'),
  },
  {
    name: 'Plan',
    address: tunnel,
    shows: 'Reason',
    open: (page) => press(page, 'Suspend…'),
  },
  {
    name: 'Rotate key',
    address: tunnel,
    shows: 'Show plan',
    open: (page) => press(page, 'Rotate key…'),
  },
  {
    name: 'Add tenant',
    address: '/tenants',
    shows: 'Client ID',
    open: (page) => press(page, 'Add tenant'),
  },
  {
    name: 'Plan for a new tenant',
    address: '/tenants',
    shows: 'Reason',
    open: async (page) => {
      await press(page, 'Add tenant');
      const dialog = page.getByRole('dialog', { name: 'Add tenant' });
      await dialog.getByLabel('Client ID').fill('a-tenant-with-quite-a-long-name');
      await dialog.getByText('Generate a key pair on the appliance').click();
      await dialog.getByRole('button', { name: 'Show plan' }).click();
    },
  },
  {
    name: 'Import tenants',
    address: '/tenants',
    shows: 'of 2 can be added',
    open: async (page) => {
      await press(page, 'Import CSV');
      await page
        .getByRole('dialog')
        .getByRole('textbox', { name: 'CSV' })
        .fill(
          'client_id,public_key,quota\na-tenant-with-quite-a-long-name,ssh-ed25519 AAAA,3\nnorthwind,,\n',
        );
    },
  },
  {
    name: 'Row menu',
    address: '/tenants',
    shows: 'Copy row',
    open: (page) => selectedRow(page).click({ button: 'right' }),
  },
  {
    name: 'Selection',
    address: '/tenants',
    shows: '1 tunnel of 1 tenant selected',
    open: (page) => selectedRow(page).getByRole('checkbox').check(),
  },
  {
    name: 'Bulk plan',
    address: '/tenants',
    shows: 'Reason',
    open: async (page) => {
      await page.getByRole('checkbox', { name: 'Select all rows shown' }).check();
      await page.getByRole('region', { name: 'Selection' }).getByRole('button', { name: 'Suspend…' }).click();
    },
  },
  {
    name: 'Bulk rotation',
    address: '/tenants',
    shows: 'Old keys stay valid for',
    open: async (page) => {
      await selectedRow(page).getByRole('checkbox').check();
      await press(page, 'Rotate keys…');
    },
  },
  {
    name: 'Keyboard shortcuts',
    address: '/tenants',
    shows: 'Select the row for a bulk action',
    open: (page) => page.keyboard.press('?'),
  },
  { name: 'Tenants of an appliance', address: '/appliance/quay-01/tenants', shows: 'Ports' },
  { name: 'Appliance', address: '/appliance/quay-01', shows: 'Services' },
  { name: 'Appliance away', address: '/appliance/dock-01', shows: 'Try now' },
  { name: 'Host key changed', address: '/appliance/gate-01', shows: 'Replace pinned key' },
  {
    name: 'Appliance menu',
    address: '/appliance/kiln-01',
    shows: 'Copy ssh command',
    open: (page) => press(page, 'More actions on kiln-01'),
  },
  {
    name: 'Edit appliance',
    address: '/appliance/kiln-01',
    shows: 'Sudo',
    open: (page) => press(page, 'Edit'),
  },
  {
    name: 'Appliance menu',
    address: '/appliance/kiln-01',
    shows: 'Remove kiln-01…',
    open: (page) => press(page, 'More actions on kiln-01'),
  },
  {
    name: 'Remove appliance',
    address: '/appliance/kiln-01',
    shows: 'Cancel',
    open: async (page) => {
      await press(page, 'More actions on kiln-01');
      await page.getByRole('menuitem', { name: 'Remove kiln-01…' }).click();
    },
  },
  { name: 'No such appliance', address: '/appliance/nowhere', shows: 'nowhere' },
  { name: 'Syslog', address: '/syslog', shows: 'lines' },
  {
    name: 'Syslog line',
    address: '/syslog',
    shows: 'Line as the appliance wrote it',
    open: (page) => page.getByTestId('log-line').last().click(),
  },
  { name: 'Search of the syslog', address: '/syslog?show=search', shows: 'Saved filters' },
  {
    name: 'Fault in a query',
    address: '/syslog?show=search&find=severity%3Aloud',
    shows: 'not a severity',
  },
  {
    name: 'Query help',
    address: '/syslog?show=search',
    shows: 'A severity is smaller',
    open: (page) => press(page, 'Query help'),
  },
  {
    name: 'Saved filters',
    address: '/syslog?show=search&find=error',
    shows: 'Name of the present query',
    open: (page) => press(page, 'Saved filters'),
  },
  {
    name: 'Found line with its context',
    address: '/syslog?show=search',
    shows: 'without the query',
    open: async (page) => {
      await page.getByTestId('kept-line').last().click();
      await press(page, 'Show context');
    },
  },
  { name: 'Syslog of an appliance', address: '/appliance/kiln-01/syslog', shows: 'lines' },
  { name: 'Audit', address: '/audit', shows: 'Appliance added' },
  {
    name: 'Audit record',
    address: '/audit',
    shows: 'Previous hash',
    open: (page) => page.getByRole('row').filter({ hasText: 'Appliance added' }).first().click(),
  },
  {
    name: 'Verified audit trail',
    address: '/audit',
    shows: 'Audit trail intact',
    open: (page) => press(page, 'Verify'),
  },
  {
    name: 'connect.yaml',
    address: '/connect-yaml',
    shows: 'Connect would not start',
    open: (page) => replaceText(page.getByRole('textbox', { name: 'connect.yaml' }), faultyConnectYaml),
  },
  {
    name: 'New connect.yaml',
    address: '/connect-yaml',
    shows: 'Address',
    open: (page) => press(page, 'Write a new one'),
  },
  {
    name: 'New private key',
    address: '/tenants',
    shows: 'I have saved it',
    open: addWithNewKey,
  },
  {
    name: 'Finished plan',
    address: '/tenants',
    shows: 'Copy details',
    open: async (page) => {
      await addWithNewKey(page);
      await page.getByRole('dialog').getByLabel('I have saved it').check();
    },
  },
  { name: 'Settings', address: '/settings', shows: 'Managed policy' },
  { name: 'No such page', address: '/nowhere', shows: 'Page not found' },
];

/** The lab's appliances, the second with another host key than the pinned one, and one that can't be reached. */
export async function addViewedAppliances(
  dataFolder: string,
  [first, second, third]: LabAnnouncement['appliances'],
): Promise<void> {
  if (first === undefined || second === undefined || third === undefined)
    throw new Error('the lab is too small');
  await addAppliance(dataFolder, first);
  const gate = { ...second, name: 'gate-01' };
  await addAppliance(dataFolder, gate, { hostKey: first.hostKeySha256, cluster: 'west' });
  await addAppliance(dataFolder, third);
  // Nothing listens on the port that is reserved for TCP's port service.
  await addAppliance(dataFolder, { ...first, name: 'dock-01', port: 1 }, { cluster: 'west' });
  await addTripStates(dataFolder);
}

/** Shows `view` in `page`. */
export async function openView(page: Page, { address, shows, open }: View): Promise<void> {
  // Wide enough to show every button. A narrow window moves some of them into menus.
  await page.setViewportSize({ width: 1440, height: 900 });
  const { origin } = new URL(page.url());
  await page.goto(`${origin}/#${address}`);
  await expect(page.getByRole('heading').first()).toBeVisible();
  await expect(page.getByLabel('loading')).toHaveCount(0);
  await open?.(page);
  await expect(page.getByText(shows).filter({ visible: true }).first()).toBeVisible();
}

/** Shows every view in `page`, one after the other, and does `visit` in each. */
export async function visitViews(page: Page, visit: (view: View) => Promise<void>): Promise<void> {
  // Wait until the token is used. Leaving the page earlier would lose it.
  await expect(page.getByRole('heading', { level: 1, name: 'Fleet' })).toBeVisible();
  for (const view of views) {
    await openView(page, view);
    await visit(view);
    // Reload, so that open dialogs and typed text don't affect the next view.
    if (view.open !== undefined) await page.reload();
  }
}
