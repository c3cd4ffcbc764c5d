import { useLocalStorage } from '@mantine/hooks';

/** A choice about how a page looks, kept by the browser. Never for what a machine or a person wrote. */
export function useRemembered(name: string, usual: boolean): [boolean, (value: boolean) => void] {
  const [value, setValue] = useLocalStorage({
    key: name,
    defaultValue: usual,
    serialize: String,
    deserialize: (text) => text === 'true',
    getInitialValueInEffect: false,
  });
  return [value, setValue];
}
