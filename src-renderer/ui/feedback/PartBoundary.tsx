import { Component, type ReactNode } from 'react';
import { Button } from '../layout/Button.tsx';
import { Dialog } from '../layout/Dialog.tsx';
import { copyText } from '../text/copy.ts';
import feedback from './feedback.module.css';
import layout from '../layout/layout.module.css';

/** `dialog`: the children bring their own dialog, so the error needs one too. */
type Props = { part: string; children: ReactNode; dialog?: { title: string; onClose: () => void } };
type State = { failure: string | null };

/** If a part fails, only that part shows an error. React supports error boundaries only as class components. */
export class PartBoundary extends Component<Props, State> {
  override state: State = { failure: null };

  static getDerivedStateFromError(thrown: unknown): State {
    return { failure: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown) };
  }

  override render(): ReactNode {
    const { failure } = this.state;
    if (failure === null) return this.props.children;
    const { part, dialog } = this.props;
    const notice = (
      <div className={feedback.notice} role="alert">
        <span className={feedback.code}>INTERNAL</span>
        <span className={layout.grow}>{part} failed to load. The rest of the page still works.</span>
        <Button small onClick={() => this.setState({ failure: null })}>
          Try again
        </Button>
        <Button small kind="quiet" onClick={() => copyText(failure, 'Details copied')}>
          Copy details
        </Button>
      </div>
    );
    if (dialog === undefined) return notice;
    return (
      <Dialog opened {...dialog}>
        {notice}
      </Dialog>
    );
  }
}
