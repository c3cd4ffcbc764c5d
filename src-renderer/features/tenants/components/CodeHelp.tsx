import { useState } from 'react';
import { tunnelCodeHelp } from '../../../../src-shared/model/tunnels/advice.ts';
import type { TunnelCode } from '../../../../src-shared/model/tunnels/tunnelCodes.ts';
import { PlainList } from '../../../ui/layout/Lists.tsx';
import { Drawer } from '../../../ui/layout/Drawer.tsx';
import { layerTitles } from './Chain.tsx';
import layout from '../../../ui/layout/layout.module.css';
import textStyles from '../../../ui/text/text.module.css';

/** What a code means on any tunnel, and what to check on which side. Needs no appliance and no network. */
export function CodeHelp({ code }: { code: TunnelCode }) {
  const [isOpen, setIsOpen] = useState(false);
  const { word, layer, meaning, ask, next, checks } = tunnelCodeHelp(code);
  return (
    <>
      <button type="button" className={textStyles.linkButton} onClick={() => setIsOpen(true)}>
        What {code} means
      </button>
      <Drawer opened={isOpen} onClose={() => setIsOpen(false)} title={`${code} ${word}`}>
        <div className={layout.stack}>
          <p className={textStyles.sub}>Layer: {layerTitles[layer]}</p>
          <p>{meaning}</p>
          {ask === null ? null : <p>Ask {ask}</p>}
          <p>
            <span className={textStyles.strong}>Next:</span> {next}
          </p>
          {checks.length === 0 ? null : (
            <>
              <p>The customer can check:</p>
              <PlainList label="Checks">
                {checks.map((check) => (
                  <li key={check}>{check}</li>
                ))}
              </PlainList>
            </>
          )}
        </div>
      </Drawer>
    </>
  );
}
