import { Menu } from '@mantine/core';
import { hrefOf } from '../../state/places.ts';
import button from './Button.module.css';

/** `to` is a place to go to. `disabledReason` says why an action can't be run now. */
type MenuAction = { text: string } & ({ to: string } | { run: () => void; disabledReason?: string | null });

function ActionItem({ action }: { action: MenuAction }) {
  if ('to' in action)
    return (
      <Menu.Item component="a" href={hrefOf(action.to)}>
        {action.text}
      </Menu.Item>
    );
  const { text, run, disabledReason = null } = action;
  return (
    <Menu.Item onClick={run} disabled={disabledReason !== null} title={disabledReason ?? undefined}>
      {text}
    </Menu.Item>
  );
}

/** A button that opens a menu: by default `⋯`, for actions that are rare or can’t be undone easily. */
export function ActionMenu(props: {
  label: string;
  disabled?: boolean | undefined;
  /** Why the menu is disabled. */
  title?: string;
  /** The text of a primary button that replaces `⋯`. */
  primary?: string;
  /** The text of a plain button that replaces `⋯`. */
  plain?: string;
  actions: readonly MenuAction[];
}) {
  return (
    <Menu>
      <Menu.Target>
        <button
          type="button"
          className={`${button.btn} ${props.primary !== undefined ? button.primary : props.plain === undefined ? button.small : ''}`}
          aria-label={props.label}
          disabled={props.disabled ?? false}
          title={props.title}
        >
          {props.primary ?? props.plain ?? '⋯'}
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {props.actions.map((action) => (
          <ActionItem key={action.text} action={action} />
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
