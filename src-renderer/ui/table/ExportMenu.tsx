import { Menu } from '@mantine/core';
import type { Column } from './column.ts';
import { copyJson, exportCsv } from './exportRows.ts';
import buttonStyles from '../layout/Button.module.css';

/** Exports the shown rows as a CSV file, or copies them as JSON. */
export function ExportMenu<Row>(props: {
  name: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  small?: boolean;
  /** What the button says. Needed where something else can be exported too. */
  text?: string;
}) {
  return (
    <Menu>
      <Menu.Target>
        <button
          type="button"
          className={props.small ? `${buttonStyles.btn} ${buttonStyles.small}` : buttonStyles.btn}
        >
          {props.text ?? 'Export…'}
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => exportCsv(props)}>Save {props.rows.length} rows as CSV</Menu.Item>
        <Menu.Item onClick={() => copyJson(props)}>Copy {props.rows.length} rows as JSON</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
