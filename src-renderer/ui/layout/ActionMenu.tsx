import { Menu } from '@mantine/core';
import button from './Button.module.css';

/** A `⋯` button with actions that are too rare or too final to stand among the buttons. */
export function ActionMenu(props: {
  label: string;
  disabled: boolean;
  actions: readonly { text: string; run: () => void }[];
}) {
  return (
    <Menu>
      <Menu.Target>
        <button
          type="button"
          className={`${button.btn} ${button.small}`}
          aria-label={props.label}
          disabled={props.disabled}
        >
          ⋯
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {props.actions.map(({ text, run }) => (
          <Menu.Item key={text} onClick={run}>
            {text}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
