import type { ReactNode } from 'react';
import type { ErrorData } from '../../../src-shared/errors.ts';
import { Button } from '../layout/Button.tsx';
import { copyText } from '../text/copy.ts';
import { MomentText } from './Moment.tsx';
import feedback from './feedback.module.css';
import layout from '../layout/layout.module.css';

/** Placeholder for content that is loading. */
export function Skeleton({ lines = 3 }: { lines?: number }) {
  return (
    <output className={layout.stack} aria-label="loading">
      {Array.from({ length: lines }, (_, index) => (
        <span key={index} className={feedback.skeleton} style={{ width: `${92 - ((index * 17) % 45)}%` }} />
      ))}
    </output>
  );
}

/** A title and the one next action. */
export function EmptyState({
  title,
  children,
  action,
}: {
  title: string;
  children: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div className={feedback.empty}>
      <h2>{title}</h2>
      <p>{children}</p>
      {action}
    </div>
  );
}

/** An error: code, plain sentence, a retry if it can help, details to copy. */
export function ErrorNotice({
  error,
  onRetry,
  tone = 'bad',
}: {
  error: ErrorData;
  onRetry?: (() => void) | undefined;
  tone?: 'bad' | 'warn';
}) {
  return (
    <div className={feedback.notice} role="alert" data-tone={tone}>
      <span className={feedback.code}>{error.code}</span>
      <span className={layout.grow}>
        <MomentText text={error.message} />
      </span>
      {onRetry === undefined ? null : (
        <Button small onClick={onRetry}>
          Try again
        </Button>
      )}
      <Button small kind="quiet" onClick={() => copyText(JSON.stringify(error, null, 2), 'Details copied')}>
        Copy details
      </Button>
    </div>
  );
}
