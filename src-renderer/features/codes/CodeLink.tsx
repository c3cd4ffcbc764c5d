import {
  tunnelCodes,
  tunnelCodeSchema,
  type TunnelCode,
} from '../../../src-shared/model/tunnels/tunnelCodes.ts';
import { setView } from '../../state/viewState.ts';
import textStyles from '../../ui/text/text.module.css';

export function openCodeHelp(code: TunnelCode): void {
  setView({ codeHelp: code });
}

/** A tunnel code that opens its help. `isInTable`: skipped by Tab, because a table is a single stop; its row menu opens the help too. */
export function CodeLink({
  code,
  text = code,
  isInTable = false,
}: {
  code: TunnelCode;
  text?: string;
  isInTable?: boolean;
}) {
  return (
    <button
      type="button"
      className={`${textStyles.linkButton} ${text === code ? textStyles.mono : ''}`}
      title={`What ${code} ${tunnelCodes[code].word} means`}
      tabIndex={isInTable ? -1 : undefined}
      onClick={() => openCodeHelp(code)}
    >
      {text}
    </button>
  );
}

/** Shows a code as a link to its help if it is a tunnel code, otherwise as text. */
export function AnyCode({ code }: { code: string }) {
  const parsed = tunnelCodeSchema.safeParse(code);
  return parsed.success ? <CodeLink code={parsed.data} /> : <>{code}</>;
}

/** Returns the tunnel codes in a text, each once. */
export function findCodes(text: string): TunnelCode[] {
  const named = text.match(/\bT-\d{4}\b/gu) ?? [];
  return [...new Set(named)].flatMap((name) => tunnelCodeSchema.safeParse(name).data ?? []);
}
