import '../../../../test-support/renderer/pageSetup.ts';
import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { keptLine } from '../../../../test-support/renderer/keptLines.ts';
import { noNotes, openSearch } from '../../../../test-support/renderer/keptPage.tsx';
import { applianceId } from '../../../../test-support/renderer/samples.ts';

const sample = [
  keptLine(0, 'northwind: heartbeat', 'ke_registrar[812]'),
  keptLine(1, 'error: bind [127.0.0.1]:2204: Address already in use', 'sshd[8812]'),
  keptLine(2, 'took 1 ms'),
  keptLine(3, 'took 2 ms'),
  keptLine(4, 'took 3 ms'),
  keptLine(5, 'error: disk is full'),
];
const messages = () => screen.getAllByTestId('kept-line').map((row) => row.lastElementChild?.textContent);
const chosenText = () =>
  within(screen.getByRole('listbox', { name: 'Found lines' })).getByRole('option', { selected: true })
    .textContent;
const field = () => screen.findByRole('combobox', { name: 'Query' });

test('when kept lines are searched, the list, the count and the address follow the query', async () => {
  const user = userEvent.setup();
  openSearch('', sample);
  await waitFor(() => expect(screen.getAllByTestId('kept-line')).toHaveLength(6));
  await user.type(await field(), 'took');
  await waitFor(() => expect(messages()).toEqual(['took 1 ms', 'took 2 ms', 'took 3 ms']));
  await waitFor(() => expect(screen.getByTestId('found').textContent).toMatch(/^3 lines in \d+\.\d\d s$/u));
  expect(location.hash).toBe('#/syslog?show=search&find=took');
  expect(screen.getAllByText('took', { selector: 'mark' })).toHaveLength(3);
});

test('when the query has a fault, it is named, and the lines stay', async () => {
  const user = userEvent.setup();
  openSearch('', sample);
  await screen.findAllByTestId('kept-line');
  await user.click(await field());
  await user.paste('severity:loud');
  expect((await screen.findByRole('alert')).textContent).toContain('loud');
  expect(screen.getAllByTestId('kept-line')).toHaveLength(6);
});

test('when a field is typed, its values are suggested with their counts, and Tab takes one', async () => {
  const user = userEvent.setup();
  openSearch('', sample);
  await screen.findAllByTestId('kept-line');
  await user.type(await field(), 'program:ap');
  const suggestions = within(screen.getByRole('listbox', { name: 'Suggestions' }));
  expect(suggestions.getByRole('option', { selected: true }).textContent).toBe('app4Tab');
  await user.keyboard('{Tab}');
  expect(screen.getByRole('combobox', { name: 'Query' })).toHaveProperty('value', 'program:app ');
  await waitFor(() => expect(screen.getAllByTestId('kept-line')).toHaveLength(4));
});

test('when the operator has rules, they come before ours, and one that can’t be used is named', async () => {
  const own = {
    id: 'bind-failed',
    programs: ['sshd'],
    match: 'bind .+ Address already in use',
    title: 'Two tunnels want one port',
    meaning: 'See the runbook, page 4.',
    next: 'Call the network team.',
    example: 'error: bind [127.0.0.1]:1: Address already in use',
  };
  openSearch('', sample, {
    ownRules: { rules: [own], problems: [{ line: 9, message: 'rules[1] has a fault.' }] },
  });
  fireEvent.click(await screen.findByText(/Address already in use/u));
  const detail = within(await screen.findByRole('complementary', { name: 'Line' }));
  expect(await detail.findByText('Two tunnels want one port')).toBeDefined();
  expect(detail.getByText('Call the network team.')).toBeDefined();
  expect(
    detail.getByText(/One rule of \/data\/log-rules.yaml can’t be used. Line 9: rules\[1\]/u),
  ).toBeDefined();
});

test('when a line is selected, it is explained with the next step, and its link is in the address', async () => {
  openSearch('', sample);
  fireEvent.click(await screen.findByText(/Address already in use/u));
  const detail = within(await screen.findByRole('complementary', { name: 'Line' }));
  expect(detail.getByText('What this line means')).toBeDefined();
  expect(detail.getByText('Next step')).toBeDefined();
  expect(location.hash).toBe('#/syslog?show=search&line=1.1');
  expect(screen.getByTestId('paused')).toBeDefined();
});

test('when Enter is pressed on a line, its context is shown without the query, and Esc closes it', async () => {
  const user = userEvent.setup();
  openSearch('&find=disk', sample);
  fireEvent.click(await screen.findByText(/disk is full|is full/u));
  screen.getByRole('listbox', { name: 'Found lines' }).focus();
  await user.keyboard('{Enter}');
  const context = within(await screen.findByTestId('context'));
  await context.findByText('3 lines before, 0 after, on kiln-01, without the query');
  expect(context.getByText('took 1 ms')).toBeDefined();
  context.getByRole('button', { name: 'Copy' }).focus();
  await user.keyboard('{Escape}');
  expect(screen.queryByTestId('context')).toBeNull();
});

test('when n and p are pressed, the next and the previous error are selected, also outside of the loaded lines', async () => {
  const user = userEvent.setup();
  openSearch('', sample);
  fireEvent.click(await screen.findByText('took 2 ms'));
  screen.getByRole('listbox', { name: 'Found lines' }).focus();
  await user.keyboard('n');
  await waitFor(() => expect(chosenText()).toContain('disk is full'));
  await user.keyboard('p');
  await waitFor(() => expect(chosenText()).toContain('Address already in use'));
});

test('when repeats are folded, a run is one row that a click opens', async () => {
  const user = userEvent.setup();
  openSearch('', sample);
  await screen.findAllByTestId('kept-line');
  await user.click(screen.getByRole('button', { name: 'Fold repeats' }));
  expect(screen.getByTestId('kept-fold').textContent).toContain('3 ×');
  expect(screen.getAllByTestId('kept-line')).toHaveLength(3);
  await user.click(screen.getByTestId('kept-fold'));
  expect(screen.getAllByTestId('kept-line')).toHaveLength(6);
  await user.click(screen.getByRole('button', { name: 'Fold repeats' }));
});

test('when lines are missing, the gap is a row with its bounds and reason', async () => {
  const { key } = keptLine(2, '');
  const gap = {
    id: 'g',
    key: { ...key, line: 1.5 },
    applianceId,
    reason: 'deleted',
    text: '/var/log/syslog.1',
    file: { device: '8:1', inode: '1234' },
    fromByte: 0,
    toByte: 1200,
    since: key.sort,
    until: key.sort + 60_000,
  };
  openSearch('', sample, { gaps: [gap] });
  expect((await screen.findByTestId('kept-gap')).textContent).toMatch(
    /^Gap on kiln-01, .*1,200 bytes are missing/u,
  );
  expect(screen.getByRole('button', { name: '1 gap in range' })).toBeDefined();
  const user = userEvent.setup();
  screen.getByRole('listbox', { name: 'Found lines' }).focus();
  fireEvent.click(screen.getByTestId('kept-gap'));
  const detail = within(await screen.findByRole('complementary', { name: 'Gap' }));
  expect(detail.getByText('device 8:1, inode 1234')).toBeDefined();
  expect(detail.getByText('0 to 1,200, 1,200 in all')).toBeDefined();
  expect(detail.getByText(/^about \d+, by the mean length/u)).toBeDefined();
  expect(detail.getByText('/var/log/syslog.1')).toBeDefined();
  expect(detail.getByText('Next step')).toBeDefined();
  await user.click(detail.getAllByRole('button', { name: 'Show' })[1] ?? document.body);
  await waitFor(() => expect(chosenText()).toContain('took 1 ms'));
});

test('when lines came since the last look, the mark is before them', async () => {
  openSearch('', sample, { notes: { ...noNotes, lastLooked: sample[3]?.key ?? null } });
  await screen.findByTestId('kept-looked');
  const rows = [...document.body.querySelectorAll('[data-row]')].map((row) =>
    row.getAttribute('data-testid'),
  );
  expect(rows).toEqual([
    'kept-line',
    'kept-line',
    'kept-line',
    'kept-line',
    'kept-looked',
    'kept-line',
    'kept-line',
  ]);
});

test('when a link names a line, the line is selected', async () => {
  openSearch('&line=1.2', sample);
  await waitFor(() => expect(chosenText()).toContain('took 1 ms'));
});

test('when a range is selected by keys in the histogram, only its lines are searched', async () => {
  const user = userEvent.setup();
  const { inputs } = openSearch('', sample);
  const bars = await screen.findByRole('slider');
  bars.focus();
  await user.keyboard('{ArrowLeft}{Shift>}{ArrowLeft}{/Shift}{Enter}');
  const from = sample[0]?.key.sort ?? 0;
  await waitFor(() => expect(location.hash).toContain('span='));
  expect(inputs('logs.lines').at(-1)).toMatchObject({ search: { from: from + 1250, to: from + 3749 } });
  await user.click(screen.getByRole('button', { name: 'Clear range' }));
  await waitFor(() => expect(location.hash).not.toContain('span='));
});

test('when the address has a range, its label counts exactly its lines', async () => {
  const from = sample[0]?.key.sort ?? 0;
  const { inputs } = openSearch(`&span=${from + 900}..${from + 4100}`, sample);
  await waitFor(() =>
    expect(screen.getByTestId('selection').textContent).toMatch(
      /:00\.900 – \d\d:\d\d:04\.100, 4 lines, 0 errors$/u,
    ),
  );
  expect(screen.getAllByTestId('kept-line')).toHaveLength(4);
  expect(screen.getByTestId('found').textContent).toMatch(/^6 lines/u);
  expect(inputs('logs.count')).toContainEqual(
    expect.objectContaining({
      search: expect.objectContaining({ from: from + 900, to: from + 4100 }),
      bars: 1,
    }),
  );
});

test('when the lines of a range are not counted to the end, its label has no count', async () => {
  const from = sample[0]?.key.sort ?? 0;
  openSearch(`&span=${from + 900}..${from + 4100}`, sample, { isEndless: true });
  await waitFor(() => expect(screen.getByTestId('found').textContent).toMatch(/so far/u));
  expect(screen.getByTestId('selection').textContent).toMatch(/:04\.100$/u);
});

test('when b is pressed, the line can be bookmarked with a note', async () => {
  const user = userEvent.setup();
  const { inputs } = openSearch('', sample);
  fireEvent.click(await screen.findByText('took 2 ms'));
  screen.getByRole('listbox', { name: 'Found lines' }).focus();
  await user.keyboard('b');
  await user.type(await screen.findByLabelText('Note'), 'look here');
  await user.click(screen.getByRole('button', { name: 'Save bookmark' }));
  await waitFor(() =>
    expect(inputs('logs.setBookmark')).toMatchObject([
      { bookmark: { source: 1, line: 3, note: 'look here' } },
    ]),
  );
});

test('when a filter is saved and used, the query is that of the filter', async () => {
  const user = userEvent.setup();
  const { inputs } = openSearch('&find=took', sample, {
    notes: { ...noNotes, filters: [{ name: 'errors', query: 'severity:<=err' }] },
  });
  await user.click(await screen.findByRole('button', { name: 'Saved filters' }));
  await user.type(await screen.findByLabelText('Name of the present query'), 'slow');
  await user.click(screen.getByRole('button', { name: 'Save filter' }));
  await waitFor(() =>
    expect(inputs('logs.saveFilter')).toEqual([{ filter: { name: 'slow', query: 'took' } }]),
  );
  await user.click(screen.getByRole('button', { name: /^errors/u }));
  expect(location.hash).toContain('find=severity%3A%3C%3Derr');
});

test('when Save is pressed in the query field, the name of the new filter is asked for', async () => {
  const user = userEvent.setup();
  const { inputs } = openSearch('&find=took', sample);
  await user.click(await screen.findByRole('button', { name: 'Save' }));
  await waitFor(() =>
    expect(screen.getByLabelText('Name of the present query')).toBe(document.activeElement),
  );
  await user.keyboard('slow{Enter}');
  await waitFor(() =>
    expect(inputs('logs.saveFilter')).toEqual([{ filter: { name: 'slow', query: 'took' } }]),
  );
});

test('when a search takes long, it can be cancelled, and started again', async () => {
  const user = userEvent.setup();
  const { inputs } = openSearch('&find=took', sample, { isEndless: true });
  await waitFor(() =>
    expect(screen.getByTestId('found').textContent).toMatch(/^3 lines so far, 33 % searched in 0\.\d\d s$/u),
  );
  await user.click(await screen.findByRole('button', { name: 'Cancel' }, { timeout: 3000 }));
  expect(screen.getByTestId('found').textContent).toBe('3 lines, cancelled with 33 % searched');
  expect(screen.queryByRole('button', { name: 'Cancel' })).toBeNull();
  expect(inputs('logs.count')).toHaveLength(1);
  await user.click(screen.getByRole('button', { name: 'Search again' }));
  await waitFor(() => expect(inputs('logs.count')).toHaveLength(2));
  expect(screen.getAllByTestId('kept-line')).toHaveLength(3);
});

async function* changing() {
  for (let changed = 1; ; changed += 1) {
    yield { store: 'keeping', changed, appliances: [] };
    await new Promise((resolve) => {
      setTimeout(resolve, 500);
    });
  }
}

test('when lines arrive all the time, they are counted again after some seconds', async () => {
  const { inputs } = openSearch('', sample, {}, { 'logs.watch': changing });
  await screen.findAllByTestId('kept-line');
  const before = inputs('logs.count').length;
  await waitFor(() => expect(inputs('logs.count').length).toBeGreaterThan(before), { timeout: 12_000 });
});

test('when lines are selected with Shift, they are copied as the appliance wrote them', async () => {
  const user = userEvent.setup();
  openSearch('', sample);
  fireEvent.click(await screen.findByText('took 1 ms'));
  fireEvent.click(screen.getByText('took 2 ms'), { shiftKey: true });
  screen.getByRole('listbox', { name: 'Found lines' }).focus();
  await user.keyboard('{Control>}c{/Control}');
  expect(await navigator.clipboard.readText()).toBe(`${sample[2]?.text}\n${sample[3]?.text}`);
});

test.each([
  [{ store: 'full' }, 'LOG_STORE_FULL'],
  [{ store: 'elsewhere' }, 'LOG_STORE_IN_USE'],
  [{ trouble: 'The log can’t be read: no permission' }, 'LOG_UNREADABLE'],
])('when the logs are in the state %j, the page says so with the code %s', async (options, code) => {
  openSearch('', sample, options);
  expect(await screen.findByText(code)).toBeDefined();
});

test('when nothing matches, the page says so', async () => {
  openSearch('&find=nowhere', sample);
  expect(await screen.findByText('No matching lines.')).toBeDefined();
});
