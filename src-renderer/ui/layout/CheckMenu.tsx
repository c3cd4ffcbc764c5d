import { Menu } from '@mantine/core';
import button from './Button.module.css';

/** A button that opens a menu of settings that are on or off. The menu stays open. */
export function CheckMenu(props: {
  text: string;
  items: readonly { text: string; isOn: boolean; toggle: () => void }[];
}) {
  return (
    <Menu>
      <Menu.Target>
        <button type="button" className={`${button.btn} ${button.small}`}>
          {props.text}
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {props.items.map(({ text, isOn, toggle }) => (
          <Menu.CheckboxItem key={text} checked={isOn} onChange={toggle}>
            {text}
          </Menu.CheckboxItem>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
