import { useCallback, useEffect } from 'react';
import type { KeptSearch } from '../../../../src-shared/contract/logs.ts';
import type { LineKey } from '../../../../src-shared/model/syslog/keptLine.ts';
import { useConsole } from '../../../rpc/client.tsx';
import { toErrorData } from '../../../rpc/errors.ts';
import { notify } from '../../../ui/feedback/notify.ts';
import type { LineWindow } from './lineWindow.ts';
import { addressText, readAddress } from './shownLine.ts';

const warn = (title: string): void => notify({ title, tone: 'warn' });

/** Goes to lines that may not be loaded: to the one of the address, to the next error, to a bookmark or a gap. */
export function useGoTo(options: {
  window: LineWindow;
  search: KeptSearch | null;
  /** The line of the address, and the chosen one. */
  address: string;
  head: string | null;
  choose: (id: string) => void;
}) {
  const { window, search, address, head, choose } = options;
  const { client } = useConsole();
  const goTo = useCallback(
    async (key: LineKey): Promise<void> => {
      if (!window.has(key)) await window.showAround(key);
      choose(addressText(key));
    },
    [window, choose],
  );
  const isReady = search !== null;
  useEffect(() => {
    const wanted = readAddress(address);
    if (wanted === null || !isReady || address === head) return;
    client.logs.line(wanted).then(
      ({ line }) => {
        if (line === null) return warn('The line of this link is not kept any more');
        return goTo(line.key);
      },
      (thrown: unknown) => warn(toErrorData(thrown).message),
    );
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- a chosen line changes the address, not the other way round
  }, [address, isReady, client, goTo]);
  const findError = async (direction: 'older' | 'newer', after: LineKey | null): Promise<void> => {
    if (search === null) return;
    const errors: KeptSearch = {
      ...search,
      query: {
        kind: 'and',
        nodes: [search.query, { kind: 'field', field: 'severity', op: '<=', value: 'err' }],
      },
    };
    try {
      const key = await window.findNext(errors, direction, after);
      if (key === null)
        warn(direction === 'older' ? 'No error before this line' : 'No error after this line');
      else await goTo(key);
    } catch (thrown) {
      warn(toErrorData(thrown).message);
    }
  };
  return { goTo, findError };
}
