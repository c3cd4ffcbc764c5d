import { useMutation } from '@tanstack/react-query';
import { useCallback } from 'react';
import type {
  ApplianceEntry,
  ApplianceField,
  ApplianceInput,
} from '../../../src-shared/model/appliance/applianceEntry.ts';
import type { HostKey } from '../../../src-shared/model/appliance/hostKey.ts';
import { useConsole } from '../../rpc/client.tsx';
import { toErrorData } from '../../rpc/errors.ts';
import { useRereadFleet } from '../fleet/mutations.ts';
import { useConsoleInfo, useMay } from '../system/queries.ts';
import { notify } from '../../ui/feedback/notify.ts';

/** For mutations whose form shows the error next to its cause. */
const shownInPlace = { errorShown: 'in-place' } as const;

/**
 * Adds an appliance and locks it if requested. If only the lock fails, shows a message, because the appliance
 * was added.
 */
export function useAddAppliance() {
  const { client } = useConsole();
  const reread = useRereadFleet();
  return useMutation({
    mutationFn: async ({
      appliance,
      hostKey,
      isLocked,
    }: {
      appliance: ApplianceInput;
      hostKey: HostKey | null;
      isLocked: boolean;
    }) => {
      const added = await client.appliances.add({ appliance, hostKey });
      if (!isLocked) return added.appliance;
      try {
        return (await client.appliances.setLock({ id: added.appliance.id, locked: true })).appliance;
      } catch (thrown) {
        const { code, message } = toErrorData(thrown);
        const title = `${added.appliance.name} was added but couldn’t be made read-only`;
        notify({ title, text: `${message} (${code})`, tone: 'bad' });
        return added.appliance;
      }
    },
    meta: shownInPlace,
    onSuccess: reread,
  });
}

/** Saves the changed fields, then the lock. If `locked` is null, the lock stays as it is. */
export function useEditAppliance() {
  const { client } = useConsole();
  const reread = useRereadFleet();
  return useMutation({
    mutationFn: async ({
      id,
      appliance,
      changes,
      isLocked,
    }: {
      id: string;
      appliance: ApplianceInput;
      changes: ApplianceField[];
      isLocked: boolean | null;
    }) => {
      const edited = await client.appliances.edit({ id, appliance, changes });
      if (isLocked === null) return edited.appliance;
      return (await client.appliances.setLock({ id, locked: isLocked })).appliance;
    },
    meta: shownInPlace,
    onSettled: reread,
  });
}

/**
 * Reads a file and compares it with the inventory. A mutation, so that the file is read again only on
 * request.
 */
export function useImportPreview() {
  const { queries } = useConsole();
  return useMutation(queries.appliances.importPreview.mutationOptions({ meta: shownInPlace }));
}

export function useImportRows() {
  const { queries } = useConsole();
  return useMutation(
    queries.appliances.import.mutationOptions({ meta: shownInPlace, onSettled: useRereadFleet() }),
  );
}

export function useRemoveAppliance() {
  const { queries } = useConsole();
  return useMutation(
    queries.appliances.remove.mutationOptions({ meta: shownInPlace, onSuccess: useRereadFleet() }),
  );
}

export function useScanHostKey() {
  const { queries } = useConsole();
  return useMutation(queries.appliances.scanHostKey.mutationOptions({ meta: shownInPlace }));
}

export function useConnect() {
  const { queries } = useConsole();
  return useMutation(queries.appliances.connect.mutationOptions());
}

export function useDisconnect() {
  const { queries } = useConsole();
  return useMutation(queries.appliances.disconnect.mutationOptions());
}

/**
 * Opens a terminal with ssh to an appliance. Null if the host can't open terminals or the operator may not.
 */
export function useOpenTerminal() {
  const { queries } = useConsole();
  const { mutate } = useMutation(queries.appliances.openTerminal.mutationOptions());
  const canOpen = useConsoleInfo().data?.canOpenTerminal === true;
  const mayOpen = useMay('operator');
  const open = useCallback(
    ({ id, name }: Pick<ApplianceEntry, 'id' | 'name'>) =>
      mutate({ id }, { onSuccess: () => notify({ title: `Terminal opened for ${name}`, tone: 'ok' }) }),
    [mutate],
  );
  return canOpen && mayOpen ? open : null;
}

export function useAcceptHostKey() {
  const { queries } = useConsole();
  return useMutation(
    queries.appliances.acceptHostKey.mutationOptions({ meta: shownInPlace, onSuccess: useRereadFleet() }),
  );
}

export function useReplaceHostKey() {
  const { queries } = useConsole();
  return useMutation(
    queries.appliances.replaceHostKey.mutationOptions({ meta: shownInPlace, onSuccess: useRereadFleet() }),
  );
}

export function useAnswerPrompt() {
  const { queries } = useConsole();
  return useMutation(
    queries.appliances.answerPrompt.mutationOptions({
      meta: shownInPlace,
      onSuccess: useRereadFleet(),
      gcTime: 0,
    }),
  );
}

export function useDismissPrompt() {
  const { queries } = useConsole();
  return useMutation(queries.appliances.dismissPrompt.mutationOptions({ onSuccess: useRereadFleet() }));
}
