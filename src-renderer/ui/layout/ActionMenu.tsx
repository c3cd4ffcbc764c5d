import { Menu } from '@mantine/core';
import button from './Button.module.css';

/** A button that opens a menu: by default `⋯`, for actions too rare or too final to stand among the buttons. */
export function ActionMenu(props: {
  label: string;
  disabled?: boolean;
  /** Why it is disabled. */
  title?: string;
  /** What a primary button in place of `⋯` shows. */
  primary?: string;
  actions: readonly { text: string; run: () => void }[];
}) {
  return (
    <Menu>
      <Menu.Target>
        <button
          type="button"
          className={`${button.btn} ${props.primary === undefined ? button.small : button.primary}`}
          aria-label={props.label}
          disabled={props.disabled ?? false}
          title={props.title}
        >
          {props.primary ?? '⋯'}
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
