import { useLocalStorage } from '@mantine/hooks';

/** A display setting stored in the browser. Never use it for data of machines or users. */
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
