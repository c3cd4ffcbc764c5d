import { Fragment } from 'react';
import { safeTitle } from './safeTitle.ts';
import { visibleText } from '../../../src-shared/base/machineText.ts';
import textStyles from './text.module.css';

const controlNames =
  'NUL SOH STX ETX EOT ENQ ACK BEL BS HT LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US'.split(
    ' ',
  );

function controlName(sign: string): string {
  return controlNames[(sign.codePointAt(0) ?? 0) - 0x24_00] ?? 'DEL';
}

/**
 * Shows a text from `visibleText`, with the names of control characters instead of their symbols, because few
 * fonts have those. Copying still yields the symbols.
 */
function Drawn({ text }: { text: string }) {
  if (!/[\u2400-\u2421]/u.test(text)) return <>{text}</>;
  const parts = text.split(/([\u2400-\u2421])/u);
  return (
    <>
      {parts.map((part, index) =>
        index % 2 === 1 ? (
          <span key={`${index}${part}`} className={textStyles.control} data-name={controlName(part)}>
            {part}
          </span>
        ) : (
          part
        ),
      )}
    </>
  );
}

/** Text from a machine: monospaced, with visible control characters, never as markup. */
export function MachineText({ text }: { text: string }) {
  const shown = visibleText(text);
  return (
    <span className={textStyles.mono} title={shown}>
      <Drawn text={shown} />
    </span>
  );
}

export function MachineBlock({ text, label }: { text: string; label: string }) {
  return (
    // Focusable, so that long text can be scrolled by keyboard.
    <pre className={textStyles.machine} aria-label={safeTitle(label)} tabIndex={0}>
      <Drawn text={visibleText(text)} />
    </pre>
  );
}

/** A fingerprint in groups of four, so that two people can compare it over the phone. A click selects all of it. */
export function Fingerprint({ value, label }: { value: string; label: string }) {
  const hash = value.replace(/^SHA256:/u, '');
  const groups = hash.match(/.{1,4}/gu) ?? [];
  return (
    <code
      className={textStyles.fingerprint}
      aria-label={`${label} ${value}`}
      title={value}
      data-testid="fingerprint"
    >
      <span className={textStyles.prefix}>SHA256:</span>
      {groups.map((group, index) => (
        <span className={textStyles.group} key={`${index}${group}`}>
          {group}
        </span>
      ))}
    </code>
  );
}

/** Highlights each occurrence of `query` in `text`, which is already made visible. Both are plain text. */
export function Marked({ text, query }: { text: string; query: string }) {
  if (query === '') return <Drawn text={text} />;
  const parts: { text: string; hit: boolean; at: number }[] = [];
  const lower = text.toLowerCase();
  const needle = query.toLowerCase();
  let from = 0;
  for (let at = lower.indexOf(needle); at !== -1 && parts.length < 200; at = lower.indexOf(needle, from)) {
    if (at > from) parts.push({ text: text.slice(from, at), hit: false, at: from });
    parts.push({ text: text.slice(at, at + needle.length), hit: true, at });
    from = at + needle.length;
  }
  if (from < text.length) parts.push({ text: text.slice(from), hit: false, at: from });
  return (
    <>
      {parts.map((part) =>
        part.hit ? (
          <mark key={part.at}>
            <Drawn text={part.text} />
          </mark>
        ) : (
          <Drawn key={part.at} text={part.text} />
        ),
      )}
    </>
  );
}

/** A command as it will run. Lines break only between its words, so that options stay whole. */
export function CommandLine({ text, label }: { text: string; label: string }) {
  const words = visibleText(text).split(' ');
  return (
    <code className={textStyles.command} aria-label={label}>
      {words.map((word, index) => (
        <Fragment key={`${index}${word}`}>
          {index === 0 ? '' : ' '}
          <span>{word}</span>
        </Fragment>
      ))}
    </code>
  );
}
