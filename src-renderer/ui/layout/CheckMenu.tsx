import { Menu } from '@mantine/core';
import button from './Button.module.css';

/** A button that opens a menu of settings that are on or off. The menu stays open. */
export function CheckMenu(props: {
  text: string;
  items: readonly { text: string; isOn: boolean; toggle: () => void }[];
}) {
  return (
    <Menu closeOnItemClick={false}>
      <Menu.Target>
        <button type="button" className={`${button.btn} ${button.small}`}>
          {props.text}
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {props.items.map(({ text, isOn, toggle }) => (
          <Menu.Item key={text} role="menuitemcheckbox" aria-checked={isOn} onClick={toggle}>
            {isOn ? '✓' : '\u2003'} {text}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
