import { useState } from 'react';
import { tunnelCodes } from '../../../src-shared/model/tunnels/tunnelCodes.ts';
import { setView, useViewState } from '../../state/viewState.ts';
import { Drawer } from '../../ui/layout/Drawer.tsx';
import { lazyComponent } from '../../ui/layout/lazyComponent.tsx';
import { Skeleton } from '../../ui/feedback/States.tsx';

const Content = lazyComponent(async () => (await import('./CodeHelpContent.tsx')).CodeHelpContent);

export const preloadCodeHelp = Content.preload;

/** The drawer with the help of a tunnel code. It lies above the dialog or drawer that contains the code. */
export function CodeHelp() {
  const code = useViewState((state) => state.codeHelp);
  // Keeps the content while the drawer slides out.
  const [shown, setShown] = useState(code);
  if (code !== null && code !== shown) setShown(code);
  return (
    <Drawer
      opened={code !== null}
      onClose={() => setView({ codeHelp: null })}
      title={shown === null ? '' : `${shown} ${tunnelCodes[shown].word}`}
      isOnTop
    >
      {shown === null ? null : (
        <Content.Component props={{ code: shown }} fallback={<Skeleton lines={5} />} />
      )}
    </Drawer>
  );
}
