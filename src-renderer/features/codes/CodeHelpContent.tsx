import { tunnelCodeHelp } from '../../../src-shared/model/tunnels/advice.ts';
import type { TunnelCode } from '../../../src-shared/model/tunnels/tunnelCodes.ts';
import { layerTitles } from '../../../src-shared/model/tunnels/tunnelCodes/tunnelCode.ts';
import { hrefOf, places } from '../../state/places.ts';
import { setView } from '../../state/viewState.ts';
import { PlainList } from '../../ui/layout/Lists.tsx';
import layout from '../../ui/layout/layout.module.css';
import styles from './codes.module.css';
import textStyles from '../../ui/text/text.module.css';

/** What a code means on any tunnel, and what to check on which side. Needs no appliance and no network. */
export function CodeHelpContent({ code }: { code: TunnelCode }) {
  const { layer, meaning, ask, next, checks } = tunnelCodeHelp(code);
  return (
    <div className={`${layout.stack} ${styles.help}`}>
      <p className={textStyles.sub}>Layer: {layerTitles[layer]}</p>
      <p>{meaning}</p>
      {ask === null ? null : <p>Ask {ask}</p>}
      <p>
        <span className={textStyles.strong}>Next:</span> {next}
      </p>
      {checks.length === 0 ? null : (
        <>
          <p>The customer can check:</p>
          <PlainList label="What the customer can check">
            {checks.map((check) => (
              <li key={check}>{check}</li>
            ))}
          </PlainList>
        </>
      )}
      <p>
        <a
          className={textStyles.link}
          href={hrefOf(places.tenants({ q: code }))}
          onClick={() => setView({ codeHelp: null, showingNotifications: false })}
        >
          All tunnels with {code}
        </a>
      </p>
    </div>
  );
}
