import { Component, type ReactNode } from 'react';
import { Button } from '../layout/Button.tsx';
import { copyText } from '../text/copy.ts';
import feedback from './feedback.module.css';
import layout from '../layout/layout.module.css';

type State = { failure: string | null };

/** If a part fails, only that part shows an error. React supports error boundaries only as class components. */
export class PartBoundary extends Component<{ part: string; children: ReactNode }, State> {
  override state: State = { failure: null };

  static getDerivedStateFromError(thrown: unknown): State {
    return { failure: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown) };
  }

  override render(): ReactNode {
    const { failure } = this.state;
    if (failure === null) return this.props.children;
    return (
      <div className={feedback.notice} role="alert">
        <span className={feedback.code}>INTERNAL</span>
        <span className={layout.grow}>
          {this.props.part} failed to load. The rest of the page still works.
        </span>
        <Button small onClick={() => this.setState({ failure: null })}>
          Try again
        </Button>
        <Button small kind="quiet" onClick={() => copyText(failure, 'Details copied')}>
          Copy details
        </Button>
      </div>
    );
  }
}
