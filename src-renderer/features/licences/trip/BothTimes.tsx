import { visibleText } from '../../../../src-shared/base/machineText.ts';
import { instantInText } from '../../../../src-shared/base/time.ts';
import { localMoments } from '../../../ui/feedback/Moment.tsx';
import textStyles from '../../../ui/text/text.module.css';

/** A sentence whose UTC instants are followed by the same instant in local time. */
export function BothTimes({ text: sentence }: { text: string }) {
  const parts = visibleText(sentence).split(new RegExp(`(${instantInText.source})`, 'u'));
  return parts.map((part, index) =>
    index % 2 === 0 ? (
      part
    ) : (
      <span key={`${index}${part}`}>
        {part} <span className={textStyles.sub}>({localMoments(part)} local time)</span>
      </span>
    ),
  );
}
