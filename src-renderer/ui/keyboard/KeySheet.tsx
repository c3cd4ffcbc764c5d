import { Fragment } from 'react';
import { Dialog } from '../layout/Dialog.tsx';
import { keyGroups, type KeyBinding, listKeys } from './keys.ts';
import styles from './KeySheet.module.css';

const shownNames: Record<string, string> = {
  ' ': 'Space',
  ArrowDown: '↓',
  ArrowUp: '↑',
  ContextMenu: '☰',
  Escape: 'Esc',
  Mod: /Mac/u.test(navigator.userAgent) ? '⌘' : 'Ctrl',
};

function KeyName({ name }: { name: string }) {
  const parts = name.length === 1 ? [name] : name.split(/[ +]/u);
  return parts.map((part, index) => (
    <Fragment key={part}>
      {index === 0 ? null : name.includes('+') ? '+' : ' '}
      <kbd>{shownNames[part] ?? part}</kbd>
    </Fragment>
  ));
}

function Group({ title, bindings }: { title: string; bindings: readonly KeyBinding[] }) {
  if (bindings.length === 0) return null;
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      <dl className={styles.keys}>
        {bindings.map(({ text, keys }) => (
          <div key={text}>
            <dt>
              {keys.map((key, index) => (
                <Fragment key={key}>
                  {index === 0 ? null : <span className={styles.or}> or </span>}
                  <KeyName name={key} />
                </Fragment>
              ))}
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** Lists every key that works on the current page, from the registered bindings. */
export function KeySheet({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const bindings = opened ? listKeys() : [];
  return (
    <Dialog opened={opened} onClose={onClose} title="Keyboard shortcuts" size={640}>
      <div className={styles.sheet}>
        {keyGroups.map((group) => (
          <Group key={group} title={group} bindings={bindings.filter((key) => key.group === group)} />
        ))}
      </div>
    </Dialog>
  );
}
