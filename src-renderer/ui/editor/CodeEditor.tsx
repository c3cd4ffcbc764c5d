import { Skeleton } from '../feedback/States.tsx';
import { lazyComponent } from '../layout/lazyComponent.tsx';
import type { EditorProps } from './editorTypes.ts';
import styles from './CodeEditor.module.css';

const editor = lazyComponent<EditorProps>(
  async () => (await import('./CodeMirrorEditor.tsx')).CodeMirrorEditor,
);

/** The editor of all pages. Its code is loaded when it is first shown. */
export function CodeEditor(props: EditorProps) {
  return (
    <editor.Component
      props={props}
      part="The editor"
      fallback={
        <div className={styles.waiting}>
          <Skeleton lines={6} />
        </div>
      }
    />
  );
}
