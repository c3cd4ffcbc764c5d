import { describe, expect, it } from 'vitest';
import { applianceConfigSchema } from './config.ts';

const { url } = applianceConfigSchema.shape.authority.unwrap().shape;

describe('the address of the licence authority', () => {
  it.each([
    'https://licences.example',
    'https://licences.example:8443/',
    'https://licences',
    'https://localhost:8443',
    'https://192.0.2.7:8443',
    'https://[2001:db8::7]',
  ])('accepts %s', (text) => {
    expect(url.safeParse(text).success).toBe(true);
  });

  it.each([
    'http://licences.example',
    'https://user@licences.example',
    'https://licences.example/path',
    'https://licences.example?query',
    'https://',
    'licences.example',
    'file:///etc/passwd',
  ])('rejects %s', (text) => {
    expect(url.safeParse(text).success).toBe(false);
  });
});
