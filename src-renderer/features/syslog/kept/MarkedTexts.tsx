import { foldCase } from '../../../../src-shared/model/syslog/query/logQuery.ts';

/** Marks in one line; further ones are not drawn. */
const maxMarks = 100;

/** Where any of `marks` stands in `text`, without overlaps. */
function findMarks(text: string, marks: readonly string[]): { from: number; to: number }[] {
  const folded = foldCase(text);
  const found: { from: number; to: number }[] = [];
  for (const mark of marks) {
    const needle = foldCase(mark);
    for (
      let at = folded.indexOf(needle);
      at !== -1 && found.length < maxMarks;
      at = folded.indexOf(needle, at + needle.length)
    )
      found.push({ from: at, to: at + needle.length });
  }
  let end = 0;
  return found
    .sort((a, b) => a.from - b.from)
    .filter(({ from, to }) => {
      if (from < end) return false;
      end = to;
      return true;
    });
}

/** Highlights each occurrence of `marks` in `text`, which is already made visible. */
export function MarkedTexts({ text, marks }: { text: string; marks: readonly string[] }) {
  const found = findMarks(text, marks);
  if (found.length === 0) return <>{text}</>;
  const parts = found.map(({ from, to }, index) => (
    <span key={from}>
      {text.slice(found[index - 1]?.to ?? 0, from)}
      <mark>{text.slice(from, to)}</mark>
    </span>
  ));
  return (
    <>
      {parts}
      {text.slice(found.at(-1)?.to ?? 0)}
    </>
  );
}
