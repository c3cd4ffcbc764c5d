import { visibleText } from '../../src-shared/model/machineText.ts';

/** Text that a machine said: mono, control signs made visible, never markup. */
export function MachineText({ text }: { text: string }) {
  const shown = visibleText(text);
  return (
    <span className="mono" title={shown}>
      {shown}
    </span>
  );
}

export function MachineBlock({ text, label }: { text: string; label: string }) {
  return (
    <pre className="machine" aria-label={label}>
      {visibleText(text)}
    </pre>
  );
}

/** A fingerprint in groups of four, so that two people can compare it over the phone. Selecting takes it whole. */
export function Fingerprint({ value, label }: { value: string; label: string }) {
  const hash = value.replace(/^SHA256:/u, '');
  const groups = hash.match(/.{1,4}/gu) ?? [];
  return (
    <code className="fingerprint" aria-label={`${label} ${value}`} title={value} data-testid="fingerprint">
      <span className="prefix">SHA256:</span>
      {groups.map((group, index) => (
        <span className="group" key={`${index}${group}`}>
          {group}
        </span>
      ))}
    </code>
  );
}

/** `text` with every occurrence of `query` marked; both as plain text. */
export function Marked({ text, query }: { text: string; query: string }) {
  if (query === '') return <>{text}</>;
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
  return <>{parts.map((part) => (part.hit ? <mark key={part.at}>{part.text}</mark> : part.text))}</>;
}
