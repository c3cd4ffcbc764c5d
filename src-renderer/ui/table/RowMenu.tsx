import { Menu } from '@mantine/core';
import { visibleText } from '../../../src-shared/base/machineText.ts';
import { hrefOf } from '../../state/places.ts';
import { copyText } from '../text/copy.ts';
import type { Column } from './column.ts';
import { copyCell, rowText } from './copyRow.ts';
import table from './table.module.css';

/** An action in the menu of a row. */
export type RowAction = { text: string; run: () => void; isDanger?: boolean };

/** Where a menu was opened: pixels from the left and the top of the window. */
export type MenuPlace<Row> = { row: Row; column: Column<Row> | undefined; x: number; y: number };

/** Whether a web host serves the page. Only then can other people use a link to it. */
function isServed(): boolean {
  return location.protocol.startsWith('http');
}

/** The menu of a row, opened by a right click or the menu key. */
export function RowMenu<Row>({
  at,
  columns,
  rowLabel,
  placeOf,
  actions,
  onClose,
}: {
  at: MenuPlace<Row>;
  columns: readonly Column<Row>[];
  rowLabel: (row: Row) => string;
  placeOf: ((row: Row) => string) | undefined;
  actions: readonly RowAction[];
  onClose: () => void;
}) {
  const { row, column } = at;
  const label = visibleText(rowLabel(row));
  const value = column?.value?.(row) ?? null;
  return (
    <Menu opened onClose={onClose} position="bottom-start" offset={2} transitionProps={{ duration: 0 }}>
      <Menu.Target>
        <button
          type="button"
          tabIndex={-1}
          className={table.menuPlace}
          style={{ left: at.x, top: at.y }}
          aria-label={`Actions on ${label}`}
        />
      </Menu.Target>
      <Menu.Dropdown onContextMenu={(event) => event.preventDefault()}>
        {column === undefined || value === null ? null : (
          <Menu.Item onClick={() => copyCell(column, row)}>
            Copy cell <span className={table.menuValue}>{visibleText(String(value))}</span>
          </Menu.Item>
        )}
        <Menu.Item onClick={() => copyText(rowText(columns, row), `Row copied: ${label}`)}>
          Copy row
        </Menu.Item>
        {placeOf === undefined || !isServed() ? null : (
          <Menu.Item
            onClick={() =>
              copyText(new URL(hrefOf(placeOf(row)), location.href).href, `Link copied: ${label}`)
            }
          >
            Copy link
          </Menu.Item>
        )}
        {actions.length === 0 ? null : <Menu.Divider />}
        {actions.map(({ text, run, isDanger }) => (
          <Menu.Item key={text} onClick={run}>
            {isDanger === true ? <span className={table.menuDanger}>{text}</span> : text}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
